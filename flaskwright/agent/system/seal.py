"""A tree that strangers have built or committed, made ours: nothing in it leads out or has rights.

A directory is taken from its maker before it is listed, and reached by its descriptor, so that no
process of the maker can put anything else under a name that was looked at. What a process has open
for writing it can still write: end all of them first.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import unicodedata

from ..engine.errors import Failed
from .link_target import Steps, way_out
from .paths import open_directory, opened, remove_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


LEVELS = 100  # of directories
COPIED = 512 << 20  # bytes; a file of many names could fill the disk
UNSAFE = ("Cc", "Cs", "Zl", "Zp")  # controls, what is no UTF-8, ends of lines
LEAVES, UNWANTED = "a link that leaves it, to ", "not wanted"  # reasons
KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def _never(*told: str) -> bool:
    return False


def seal(
    top: str,
    may_leave: Callable[[str, str], bool] = _never,
    unwanted: Callable[[str], bool] = _never,
    remove: bool = False,
) -> dict[str, str]:
    """Make the tree `top` the caller's own: owners, modes, ACLs, xattrs, links, kinds of files.

    Directories and programs get mode 0755, other files 0644. A link has to stay within the tree,
    or `may_leave(path, target)` allows it, given its path in the tree and where it leaves to. What
    has an `unwanted` name is removed. What cannot stay (links that leave, pipes, sockets, devices,
    names that are no plain text, other users' hard links) is removed with `remove`, else Failed.
    Gives why, by its path in the tree, of everything that was removed.
    """
    with open_directory(top) as descriptor:
        one = _Seal(top, descriptor, unwanted, remove)
        one.directory(descriptor, "", LEVELS)
        one.settle_links(may_leave)
        return one.removed


class _Seal:
    def __init__(
        self, top: str, descriptor: int, unwanted: Callable[[str], bool], remove: bool
    ) -> None:
        self.top, self.descriptor = top, descriptor
        self.unwanted, self.remove = unwanted, remove
        self.maker, self.device = os.fstat(descriptor).st_uid, os.fstat(descriptor).st_dev
        self.owner = (os.geteuid(), os.getegid())
        self.links: dict[str, str] = {}
        self.removed: dict[str, str] = {}
        self.step, self.room = Steps(), COPIED

    def directory(self, here: int, path: str, levels: int) -> None:
        """Take a directory over, then all that is in it."""
        if not levels:
            raise self._failed(path, "it has more than %d directories in each other" % LEVELS)
        status = os.fstat(here)
        if (status.st_uid, status.st_gid) != self.owner:
            os.fchown(here, *self.owner)
        _strip(here)
        if stat.S_IMODE(status.st_mode) != 0o755:
            os.fchmod(here, 0o755)
        for name in os.listdir(here):
            self._entry(here, name, path + name, levels)

    def settle_links(self, may_leave: Callable[[str, str], bool]) -> None:
        """Look where the links lead, now that nobody can change any of them."""
        for path in self.links:
            out = way_out(path, self.links, self.step)
            if out and not may_leave(path, out):
                why = LEAVES + plain(self.links[path][:200])
                self._refuse(self.descriptor, path, path, why)

    def _entry(self, here: int, name: str, path: str, levels: int) -> None:
        self.step()
        status = os.stat(name, dir_fd=here, follow_symlinks=False)
        if self.unwanted(name):
            remove_at(here, name, levels)
            self.removed[path] = UNWANTED
        elif self._trouble(name, status):
            self._refuse(here, name, path, self._trouble(name, status))
        elif stat.S_ISDIR(status.st_mode):
            with opened(here, name) as below:
                self.directory(below, path + "/", levels - 1)
        elif stat.S_ISLNK(status.st_mode):
            self._own(here, name, status)
            self.links[path] = os.readlink(name, dir_fd=here)
        else:
            self._file(here, name, path, status)

    def _trouble(self, name: str, status: os.stat_result) -> str:
        """Say why something cannot stay, whatever is in it; "" when it can."""
        if not is_plain(name):
            return "a name with control characters, or that is no UTF-8"
        if stat.S_ISDIR(status.st_mode) and status.st_dev != self.device:
            return "a disk of its own"  # a file of an overlay says the same of its layer's
        if stat.S_IFMT(status.st_mode) in (stat.S_IFDIR, stat.S_IFLNK):
            return ""
        if not stat.S_ISREG(status.st_mode):
            return KINDS.get(stat.S_IFMT(status.st_mode), "a device")
        if status.st_nlink > 1 and status.st_uid != self.maker:
            return "a hard link to the file of another user"
        return ""

    def _file(self, here: int, name: str, path: str, status: os.stat_result) -> None:
        mode = 0o755 if status.st_mode & 0o100 else 0o644
        if status.st_nlink > 1:
            self._copy(here, name, path, mode)
            return
        self._own(here, name, status)
        _strip("/proc/self/fd/%d/%s" % (here, name))
        if stat.S_IMODE(status.st_mode) != mode:
            os.chmod(name, mode, dir_fd=here)

    def _own(self, here: int, name: str, status: os.stat_result) -> None:
        if (status.st_uid, status.st_gid) != self.owner:
            os.chown(name, *self.owner, dir_fd=here, follow_symlinks=False)

    def _copy(self, here: int, name: str, path: str, mode: int) -> None:
        """Have a file of its own where one has other names too, which are not ours."""
        new = ".seal-%s" % os.urandom(8).hex()
        with open(os.open(name, _FILE, dir_fd=here), "rb") as source:
            status = os.fstat(source.fileno())
            self.room -= status.st_size
            if self.room < 0:
                raise self._failed(path, "it has hard links to more than %d MB" % (COPIED >> 20))
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with open(os.open(new, flags, mode, dir_fd=here), "wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
                copy.flush()
                os.fchmod(copy.fileno(), mode)
                os.utime(copy.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
        os.rename(new, name, src_dir_fd=here, dst_dir_fd=here)

    def _refuse(self, here: int, name: str, path: str, why: str) -> None:
        if not self.remove:
            raise self._failed(path, "this is " + why)
        remove_at(here, name, LEVELS)
        self.removed[path] = why

    def _failed(self, path: str, why: str) -> Failed:
        return Failed("%s is not taken" % plain(os.path.join(self.top, path).rstrip("/")), why)


def is_plain(name: str) -> bool:
    """Tell a name of letters, of any script, from one with controls, ends of lines or bad bytes."""
    return name.isprintable() or not any(unicodedata.category(one) in UNSAFE for one in name)


def plain(name: str) -> str:
    """Give a path as text that can be shown: one with odd characters has them spelt out."""
    return name if name.isprintable() else ascii(name)[1:-1]


def _strip(place: int | str) -> None:
    """Remove ACLs, capabilities and what a user can note beside a file; labels of a policy stay."""
    try:
        found = os.listxattr(place)
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        return  # a file system without any
    for name in found:
        if name.startswith(("system.posix_acl_", "user.")) or name == "security.capability":
            os.removexattr(place, name)
