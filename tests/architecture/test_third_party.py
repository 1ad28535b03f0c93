"""Third-party code is welcome and visible."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distributions, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from architecture.sources import CHECKOUT, Source
from architecture.third_party import sources, text, third_party

WITHOUT_AN_IMPORT = {
    "httptools": "uvicorn takes it by itself",
    "tzdata": "zoneinfo takes it where the system has no zones",
}


def test_the_list_of_imports_is_the_committed_one() -> None:
    """A room that starts to import a package shows it in a diff: `make contracts`."""
    assert (CHECKOUT / "contracts" / "imports.txt").read_text(encoding="utf-8") == text(sources())


def test_a_new_import_changes_the_list() -> None:
    seeded = Source(Path("x.py"), "modules.audit.internal.service", "def f():\n    from pandas.io import sql\n")
    assert "modules.audit pandas\n" in text([*sources(), seeded])
    assert "modules.audit pandas\n" not in text(sources())


def test_every_import_is_a_declared_dependency_and_every_dependency_is_imported() -> None:
    """An undeclared import works until the package that brought it along is gone."""
    declared = {canonicalize_name(Requirement(line).name) for line in _declared()}
    names = packages_distributions()
    imported = {
        canonicalize_name(names[top][0])
        for room, tops in third_party(sources()).items()
        if room != "kernel.testing"
        for top in tops
    }
    assert imported <= declared
    assert declared - imported == set(WITHOUT_AN_IMPORT), "a dependency that nothing imports: remove it or say why"


def test_every_installed_distribution_is_pinned() -> None:
    """Two installations of one commit are the same installation."""
    pins = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)$", (CHECKOUT / "constraints.txt").read_text(), re.M))
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    own = {"homewright", "pip", "setuptools", "homewright-greeter"}
    for found in distributions():
        name = canonicalize_name(found.metadata["Name"])
        if name not in own:
            assert pinned.get(name) == found.version, f"{name}=={found.version} is installed and not pinned so"


def test_what_is_installed_is_what_the_package_declares() -> None:
    installed = {canonicalize_name(Requirement(line).name) for line in requires("homewright") or ()}
    assert {canonicalize_name(Requirement(line).name) for line in _declared()} <= installed


def _declared() -> list[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
