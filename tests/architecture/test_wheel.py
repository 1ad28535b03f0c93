"""What is installed is what was tested: the wheel holds all of the product, and runs without the checkout."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from architecture.sources import CHECKOUT, SRC
from architecture.wheel import build_wheel, lay_out, run_from


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(wheel, tmp_path_factory.mktemp("installed") / "site")


def test_the_wheel_holds_every_source_file_and_no_test(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {path.relative_to(SRC).as_posix() for path in SRC.rglob("*") if _is_product(path)}
    assert ours <= held
    assert not {name for name in held if name.startswith(("tests/", "docs/", "deploy/"))}


def test_the_wheel_carries_every_migration(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("kernel/_migrations/")}
    root = CHECKOUT / "migrations"
    committed = {f"kernel/_migrations/{p.relative_to(root).as_posix()}" for p in root.rglob("*") if _is_product(p)}
    assert committed
    assert committed <= held


def test_the_installed_package_finds_its_migrations(site: Path) -> None:
    done = run_from(site, "-c", "from kernel.data.migrate import migrations_root; print(migrations_root())")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == site / "kernel" / "_migrations"


def test_the_editable_checkout_finds_its_migrations() -> None:
    from kernel.data.migrate import migrations_root

    assert Path(migrations_root()).resolve() == (CHECKOUT / "migrations").resolve()


def test_the_wheel_has_the_command_and_the_licence(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    assert "homewright = homewright.cli:main" in archive.read(entry_points).decode()
    assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def _is_product(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
