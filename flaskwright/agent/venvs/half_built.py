"""Environments that a build has left unfinished."""

from __future__ import annotations

import os

from ..app.releases import Releases
from ..system import disk
from .builder import Builder
from .notes import VenvMarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.run import Run


def sweep(run: Run) -> None:
    """Remove environments without a mark, once no build runs any more.

    Where the marks are lost, those that releases have stay.
    """
    marks, there = VenvMarks(run.place), run.place.venvs
    names = set(os.listdir(there) if os.path.isdir(there) else []) - Releases(run.place).venvs()
    half = sorted(name for name in names if not marks.is_usable(name))
    if half:
        Builder(run).end()
    for name in half:
        marks.forget(name)
        disk.remove_tree(run.place.venv(name))
