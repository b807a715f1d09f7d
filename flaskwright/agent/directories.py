"""Directories."""

from __future__ import annotations

import os
import stat

from .handler import Failed, Handler, handles
from .owners import gid, group_name, uid, user_name
from .paths import make_directories, open_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


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
        """Say that it would be made, or what of it would change."""
        if actual:
            return super().diff(actual, differing)
        return ["make it, %s:%s %04o" % (self.owner, self.group, self.mode)]
