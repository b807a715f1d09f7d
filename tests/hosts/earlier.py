"""Trees of earlier versions, from the history of this repository."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .project import ROOT


@contextmanager
def tree_of(commit: str, place: Path) -> Iterator[Path]:
    """Write the files of a commit below `place`; skips where the history is cut off."""
    argv = ["git", "-C", str(ROOT), "archive", commit]
    archive = subprocess.run(argv, capture_output=True)
    if archive.returncode:
        pytest.skip(f"this clone does not have {commit[:7]}: git fetch --unshallow")
    subprocess.run(["tar", "-x", "-C", str(place)], input=archive.stdout, check=True)
    yield place
    shutil.rmtree(place)
