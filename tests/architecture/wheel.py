"""The wheel that users and the image install, built once and laid out as it would be installed."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from architecture.sources import CHECKOUT


def build_wheel(folder: Path) -> Path:
    """Build the checkout's wheel into `folder`."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    return wheel


def lay_out(wheel: Path, folder: Path) -> Path:
    """What `pip install --target` would put on disk, without the dependencies (those are ours)."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_from(site: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the laid-out wheel instead of the checkout."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=site.parent,
        env=environment(site, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def environment(site: Path, **settings: str) -> dict[str, str]:
    """No variable of this machine's but PATH; the laid-out wheel comes before the editable checkout."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1", **settings}
