"""Symbolic links."""

from __future__ import annotations

import os
import stat

from . import disk, foreign
from .checks import checked
from .handler import Failed, Handler, handles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


@handles("link")
class Link(Handler):
    """A symbolic link; its target need not be there."""

    keys = ("target",)
    path: str
    target: str
    check: str | None

    def actual(self) -> State:
        """Read the target as it is written in the link."""
        status = disk.lstat(self.path)
        if status is not None and stat.S_ISDIR(status.st_mode):
            raise Failed("%s is a directory" % self.path, "a link should be there")
        return {"target": disk.link_target(self.path)}

    def fix(self, differing: list[str]) -> None:
        """Put the link in place of whatever file or link is there."""
        if self.check is not None:
            checked(self.check, self.run, self.path, self._put)
        foreign.copy(self.path)
        disk.replace_link(self.path, self.target)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say where the link leads, and led."""
        before = " (was %s)" % actual["target"] if actual["target"] is not None else ""
        return ["link to %s%s" % (self.target, before)]

    def note(self) -> str:
        """Say what of somebody else is kept."""
        return foreign.note(self.path) if disk.link_target(self.path) is None else ""

    def _put(self, path: str) -> None:
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(self.target, path)
