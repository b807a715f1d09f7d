"""Files of ours."""

from __future__ import annotations

import difflib
import os
import stat

from . import disk, foreign
from .checks import checked
from .handler import Failed, Handler, handles
from .owners import group_name, user_name
from .text import whole_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


@handles("file")
class File(Handler):
    """A regular file with its content, owner and mode."""

    keys = ("content", "owner", "group", "mode")
    path: str
    content: str
    owner: str
    group: str
    mode: int
    check: str | None

    def actual(self) -> State:
        """Read the file; a link or nothing at its path is a state without any key."""
        status = disk.lstat(self.path)
        if status is not None and stat.S_ISDIR(status.st_mode):
            raise Failed("%s is a directory" % self.path, "a file should be there")
        if status is None or not stat.S_ISREG(status.st_mode):
            return {}
        return {
            "content": (disk.read(self.path) or b"").decode("utf-8", "surrogateescape"),
            "owner": user_name(status.st_uid),
            "group": group_name(status.st_gid),
            "mode": stat.S_IMODE(status.st_mode),
        }

    def fix(self, differing: list[str]) -> None:
        """Write the whole file anew: owner and mode are right before it has its name."""
        data = self.content.encode("utf-8")
        if "content" in differing and self.check is not None:
            checked(self.check, self.run, self.path, lambda path: _put(path, data))
        if "content" in differing:
            foreign.copy(self.path)
        disk.write(self.path, data, self.owner, self.group, self.mode)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Show the content as a unified diff."""
        lines = super().diff(actual, [key for key in differing if key != "content"])
        if "content" not in differing:
            return lines
        before = actual.get("content")
        name = "/dev/null" if before is None else self.path
        old, new = whole_lines(before or ""), whole_lines(self.content)
        return [*(lines if actual else []), *unified(name, self.path, old, new)]

    def note(self) -> str:
        """Say what of somebody else is kept."""
        written = disk.read(self.path) == self.content.encode("utf-8")
        return "" if written else foreign.note(self.path)


def unified(name: str, new_name: str, old: list[str], new: list[str]) -> list[str]:
    """Give a unified diff of lines."""
    return list(difflib.unified_diff(old, new, name, new_name, lineterm=""))


def _put(path: str, data: bytes) -> None:
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "wb") as file:
        file.write(data)
