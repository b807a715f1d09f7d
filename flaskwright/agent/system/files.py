"""What can be at a path: a file, a link, a directory, or nothing."""

from __future__ import annotations

import difflib
import os
import shutil
import stat

from ..common.text import whole_lines
from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from . import disk, originals
from .checks import checked
from .owners import gid, group_name, uid, user_name
from .paths import make_directories, open_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


@handles("absent")
class Absent(Handler):
    """Nothing at a path; what somebody else put there is kept beside it."""

    path: str
    check: str | None

    def wanted(self) -> State:
        """Give {"present": False}."""
        return {"present": False}

    def actual(self) -> State:
        """Look whether something is there, be it a link to nowhere."""
        return {"present": os.path.lexists(self.path)}

    def fix(self, differing: list[str]) -> None:
        """Move what is not ours to where it is kept; remove a link, or a file of ours."""
        if self.check is not None:
            checked(self.check, self.run, self.path, _remove)
        kept = originals.place(self.path)
        if kept is not None:
            disk.rename(self.path, kept)
        else:
            disk.remove(self.path)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name the path that would be removed."""
        return ["remove " + self.path]

    def note(self) -> str:
        """Say as what a file that somebody else made is kept; empty: there was none."""
        return originals.note(self.path)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


@handles("directory")
class Directory(Handler):
    """A directory with its owner and mode; also behind a link that root made."""

    keys = ("owner", "group", "mode")
    path: str
    owner: str
    group: str
    mode: int

    def actual(self) -> State:
        """Read owner and mode; nothing there is a state without any key."""
        try:
            with open_directory(self.path) as descriptor:
                status = os.fstat(descriptor)
        except FileNotFoundError:
            return {}
        except NotADirectoryError:
            raise Failed("%s is not a directory" % self.path, "one should be there") from None
        return {
            "owner": user_name(status.st_uid),
            "group": group_name(status.st_gid),
            "mode": stat.S_IMODE(status.st_mode),
        }

    def fix(self, differing: list[str]) -> None:
        """Make it where it is missing, closed until it has its owner, then set owner and mode."""
        user, members = uid(self.owner), gid(self.group)
        make_directories(self.path, 0o700)
        with open_directory(self.path) as descriptor:
            os.fchown(descriptor, user, members)
            os.fchmod(descriptor, self.mode)
            os.fsync(descriptor)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say that the directory would be made, or which of owner and mode change."""
        if actual:
            return super().diff(actual, differing)
        return ["make it, %s:%s %04o" % (self.owner, self.group, self.mode)]


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
            originals.copy(self.path)
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
        """Say as what somebody else's file is kept that ours took the place of; or nothing."""
        written = disk.read(self.path) == self.content.encode("utf-8")
        return "" if written else originals.note(self.path)


def unified(name: str, new_name: str, old: list[str], new: list[str]) -> list[str]:
    """Give a unified diff of lines."""
    return list(difflib.unified_diff(old, new, name, new_name, lineterm=""))


def _put(path: str, data: bytes) -> None:
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "wb") as file:
        file.write(data)


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
        originals.copy(self.path)
        disk.replace_link(self.path, self.target)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say where the link leads, and led."""
        before = " (was %s)" % actual["target"] if actual["target"] is not None else ""
        return ["link to %s%s" % (self.target, before)]

    def note(self) -> str:
        """Say as what somebody else's file is kept that our link took the place of; or nothing."""
        return originals.note(self.path) if disk.link_target(self.path) is None else ""

    def _put(self, path: str) -> None:
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(self.target, path)
