"""Why the disk refused: full, read-only, out of inodes or quota."""

from __future__ import annotations

import errno
import os
import re

from .errors import Failed

FULL = 16 << 20  # bytes; less than this is full for dpkg, pip and git
WRITTEN = ("/srv", "/var/cache", "/var/lib", "/tmp", "/etc", "/root", "/run", "/")  # noqa: S108
SIGNS = ("No space left on device", "Disk quota exceeded", "enough free space")


def failure(resource: str, error: OSError, path: str) -> Failed:
    """Tell an error of the operating system at `path` in a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full("%s could not be written" % resource, path)
    what = "%s: %s" % (resource, error.strerror or error)
    if error.errno == errno.EROFS:
        why = "%s is mounted read-only; after a disk error Linux does that" % mount_of(path)
        return Failed(what, why, next="look at the kernel's messages: sudo dmesg | tail")
    return Failed(what, "at %s" % (error.filename or path))


def explained(failed: Failed) -> Failed:
    """Add the disk's state to a failure whose log speaks of a full disk."""
    if any(sign in line for line in [*failed.log, failed.why] for sign in SIGNS):
        named = re.findall(r"/[\w./+-]+", "\n".join(failed.log))
        found = _full(failed.what, *WRITTEN, *named)
        failed.why, failed.next = found.why, failed.next or found.next
    return failed


def mount_of(path: str) -> str:
    """Give the mount point of the file system that holds `path`, there already or not."""
    path = os.path.realpath(path)
    while not os.path.exists(path) or not os.path.ismount(path):
        path = os.path.dirname(path)
    return path


def _full(what: str, *paths: str) -> Failed:
    mounts = dict.fromkeys(mount_of(path) for path in paths)
    free, mount = min((_free(mount), mount) for mount in mounts)
    without = [mount for mount in mounts if not _has_inodes(mount)]
    if without:
        why = "the disk is full: no inodes free on %s" % without[0]
    elif free < FULL:
        why = "the disk is full: %d MB free on %s" % (free >> 20, mount)
    else:
        why = "the disk ran full meanwhile; now %d MB are free on %s" % (free >> 20, mount)
    return Failed(what, why, next="make room, then run the same command again")


def _free(mount: str) -> int:
    """Give the bytes that are free."""
    status = os.statvfs(mount)
    return status.f_bavail * status.f_frsize


def _has_inodes(mount: str) -> bool:
    """Tell whether files can be added; some file systems have no limit and say 0 of 0."""
    status = os.statvfs(mount)
    return status.f_files == 0 or status.f_favail > 0
