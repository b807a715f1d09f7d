"""Why the disk refused: full, read-only, out of inodes or quota."""

from __future__ import annotations

import errno
import os
import re

from .errors import Failed, Trouble, Unwell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


FULL = 16 << 20  # bytes; less than this is full for dpkg, pip and git
WRITTEN = ("/srv", "/var/cache", "/var/lib", "/tmp", "/etc", "/root", "/run", "/")  # noqa: S108
SIGNS = re.compile("No space left on device|Disk quota exceeded|enough free space")
HINTS = re.compile(r"(unable|failed|could not) (to )?write")  # git keeps the reason to itself
READ_ONLY = os.strerror(errno.EROFS)
PATH = re.compile(r"/[\w./+-]+")


class DiskTrouble(Failed):
    """A failure whose reason is the disk, as it was at that moment: what is cleared away counts."""


def failure(resource: str, error: OSError, *paths: str) -> Failed:
    """Tell an error of the operating system at `paths` in a sentence."""
    mounts = _mounts(paths)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full("%s could not be written" % resource, mounts)
    what = "%s: %s" % (resource, error.strerror or error)
    if error.errno == errno.EROFS:
        return _read_only(what, mounts)
    return Failed(what, "at %s" % (error.filename or paths[0]))


def explained(failed: Trouble) -> Trouble:
    """Give the disk as the reason of a failure whose log speaks of it; others as they are."""
    text = "\n".join([*failed.log, failed.why])
    mounts = _mounts([*WRITTEN, *PATH.findall(text)])
    if isinstance(failed, DiskTrouble):
        return failed
    if READ_ONLY in text and not isinstance(failed, Unwell):
        found = _read_only(failed.what, mounts)
    elif SIGNS.search(text) or (HINTS.search(text) and any(map(_is_full, mounts))):
        found = _full(failed.what, mounts)
    else:
        return failed
    found.log, found.next = failed.log, failed.next or found.next
    return found


def mount_of(path: str) -> str:
    """Give the mount point of the file system that holds `path`, there already or not."""
    path = os.path.realpath(path)
    while not os.path.exists(path) or not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def _mounts(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(map(mount_of, paths)))


def _full(what: str, mounts: Iterable[str]) -> DiskTrouble:
    free, mount = min((_free(mount), mount) for mount in mounts)
    without = [mount for mount in mounts if not _has_inodes(mount)]
    if without:
        why = "the disk is full: no inodes free on %s" % without[0]
    elif free < FULL:
        why = "the disk is full: %d MB free on %s" % (free >> 20, mount)
    else:
        why = "the disk ran full meanwhile; now %d MB are free on %s" % (free >> 20, mount)
    return DiskTrouble(what, why, next="make room, then run the same command again")


def _read_only(what: str, mounts: Sequence[str]) -> DiskTrouble:
    found = [mount for mount in mounts if os.statvfs(mount).f_flag & os.ST_RDONLY]
    why = "%s is mounted read-only; after a disk error Linux does that" % (found or mounts)[0]
    return DiskTrouble(what, why, next="look at the kernel's messages: sudo dmesg | tail")


def _is_full(mount: str) -> bool:
    return _free(mount) < FULL or not _has_inodes(mount)


def _free(mount: str) -> int:
    """Give the bytes that are free."""
    status = os.statvfs(mount)
    return status.f_bavail * status.f_frsize


def _has_inodes(mount: str) -> bool:
    """Tell whether files can be added; some file systems have no limit and say 0 of 0."""
    status = os.statvfs(mount)
    return status.f_files == 0 or status.f_favail > 0
