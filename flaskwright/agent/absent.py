"""Paths where nothing should be."""

from __future__ import annotations

import os
import shutil

from . import disk, foreign
from .checks import checked
from .handler import Handler, handles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


@handles("absent")
class Absent(Handler):
    """Nothing at a path; what somebody else put there is kept beside it."""

    path: str
    check: str | None

    def wanted(self) -> State:
        """Give the one state."""
        return {"present": False}

    def actual(self) -> State:
        """Look whether something is there, be it a link to nowhere."""
        return {"present": os.path.lexists(self.path)}

    def fix(self, differing: list[str]) -> None:
        """Move what is not ours to where it is kept; remove a link, or a file of ours."""
        if self.check is not None:
            checked(self.check, self.run, self.path, _remove)
        kept = foreign.place(self.path)
        if kept is not None:
            disk.rename(self.path, kept)
        else:
            disk.remove(self.path)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say that it goes."""
        return ["remove " + self.path]

    def note(self) -> str:
        """Say what is kept where."""
        return foreign.note(self.path)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)
