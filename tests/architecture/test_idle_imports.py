"""What a process has loaded before it does anything: a small server runs this beside Home Assistant."""

from __future__ import annotations

import subprocess
import sys

import pytest

from architecture.sources import SRC

FRAMEWORKS = ("alembic", "aiohttp", "apscheduler", "click", "litestar", "numpy", "rich", "sqlalchemy", "uvicorn")
HEAVY = (
    "IPython",
    "advanced_alchemy",
    "hypothesis",
    "lightgbm",
    "matplotlib",
    "onnxruntime",
    "pandas",
    "pydantic",
    "pytest",
    "scipy",
    "sklearn",
    "torch",
)


def loaded(statement: str) -> set[str]:
    """The top names of all that a fresh process has loaded after `statement`."""
    code = f"{statement}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SRC, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["audit", "patterns", "training", "automation"])
def test_a_module_loads_no_framework(module: str) -> None:
    """Whoever imports a facade pays for values, not for the machinery behind them."""
    assert not loaded(f"import modules.{module}") & set(FRAMEWORKS)


def test_the_kernels_facade_package_loads_no_framework() -> None:
    assert not loaded("import kernel.facade, kernel.errors") & set(FRAMEWORKS)


def test_the_command_line_starts_without_the_server_and_without_numpy() -> None:
    """`homewright --help` must not wait for what only `serve` needs."""
    assert not loaded("import homewright.cli") & {"litestar", "numpy", "uvicorn", "alembic"}


@pytest.mark.parametrize("package", ["homewright", "homewright.cli", "homewright.house", "homewright.server"])
def test_no_process_loads_what_it_does_not_need(package: str) -> None:
    """An installed pydantic costs every Litestar app 14 MB, an installed advanced-alchemy 45 MB."""
    assert not loaded(f"import {package}") & set(HEAVY)


def test_a_house_loads_neither_alembic_nor_an_http_client_before_it_needs_them() -> None:
    """Most starts migrate nothing, most houses have no peer: together 14 MB in a process that waits for weeks."""
    rooms = "[registry.interior(name) for name in registry.NAMES]; registry.commands()"
    loads = f"import homewright.server; from homewright import registry; {rooms}"
    assert not loaded(loads) & {"alembic", "aiohttp"}


def test_a_heavy_import_would_be_seen() -> None:
    assert "hypothesis" in loaded("import hypothesis")
