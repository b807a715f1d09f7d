"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import shutil
import stat
import subprocess

from .owners import gid, uid
from .paths import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

TEMPORARY = ".%s.flaskwright-"  # and random digits: beside the file that it becomes


def write(
    path: str,
    data: bytes,
    owner: str | int | None = None,
    group: str | int | None = None,
    mode: int = 0o644,
) -> None:
    """Put a file in place in one rename, with its owner and mode, and make sure of it on the disk.

    None as owner or group: whoever runs this. Raises OSError, and Failed for an unknown name.
    """
    user, members = uid(owner), gid(group)

    def make(name: str, directory: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with open(os.open(name, flags, 0o600, dir_fd=directory), "wb") as file:
            os.fchown(file.fileno(), user, members)
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    _replace(path, make)


def replace_link(path: str, target: str) -> None:
    """Make `path` a symbolic link to `target` in one rename, whatever file or link was there."""
    _replace(path, lambda name, directory: os.symlink(target, name, dir_fd=directory))


def remove(path: str) -> None:
    """Remove a file or link, if it is there, and make sure of it on the disk."""
    with parent(path) as (directory, name):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=directory)
        os.fsync(directory)


def remove_tree(path: str) -> None:
    """Remove what is at a path: a directory with all below, a file, a link, or nothing."""
    if not os.path.isdir(path) or os.path.islink(path):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return
    try:
        shutil.rmtree(path)
    except (RecursionError, OSError):  # somebody has made it deeper than calls, or open files, go
        with parent(path) as (above, name):
            argv, here = ["rm", "-r", "-f", "--", "./" + name], "/proc/self/fd/%d" % above
            subprocess.run(argv, cwd=here, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if os.path.lexists(path):
            raise


def rename(path: str, to: str) -> None:
    """Give a file, link or directory another place on the same file system."""
    with parent(path) as (source, old), parent(to) as (target, new):
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)
        os.fsync(target)
        os.fsync(source)


def read(path: str, most: int = -1) -> bytes | None:
    """Give the content of a regular file, or its first bytes; None: there is none, or another."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as file:
        return file.read(most)


def lstat(path: str) -> os.stat_result | None:
    """Give the status of what is at `path` itself; None when there is nothing."""
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def link_target(path: str) -> str | None:
    """Give the target of a symbolic link as written; None where there is no link."""
    try:
        return os.readlink(path)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOENT, errno.ENOTDIR):
            return None
        raise


def sync_tree(path: str) -> None:
    """Make sure that everything below `path` is on the disk (syncfs, by coreutils' sync)."""
    subprocess.run(["sync", "-f", path], check=True, stdin=subprocess.DEVNULL)


def sweep(directory: str) -> None:
    """Remove what was to take a file's place in a directory when its maker was killed."""
    for path in glob.glob(os.path.join(directory, TEMPORARY % "*" + "*")):
        remove(path)


def _replace(path: str, make: Callable[[str, int], None]) -> None:
    """Let `make(name, directory)` make what takes the place of `path`, under a name of its own."""
    with parent(path) as (directory, name):
        prefix = TEMPORARY % name
        for stale in os.listdir(directory):  # left by a power cut; we hold the lock
            if stale.startswith(prefix):
                os.unlink(stale, dir_fd=directory)
        temporary = prefix + "%08x" % int.from_bytes(os.urandom(4), "big")
        try:
            make(temporary, directory)
            os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary, dir_fd=directory)
            raise
        os.fsync(directory)
