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


def sweep(run: Run, app_root: str) -> None:
    """Remove environments without a mark, once no build runs any more.

    Where the marks are lost, those that releases have stay.
    """
    marks, place = VenvMarks(run.state, app_root), os.path.join(app_root, "venvs")
    names = set(os.listdir(place) if os.path.isdir(place) else []) - Releases(app_root).venvs()
    half = sorted(name for name in names if not marks.is_usable(name))
    if half:
        Builder(run, app_root).end()
    for name in half:
        marks.forget(name)
        disk.remove_tree(os.path.join(place, name))
