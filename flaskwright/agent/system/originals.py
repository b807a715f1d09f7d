"""What somebody else left in our place: kept once beside it, as NAME.before, never lost."""

from __future__ import annotations

import os
import stat

from . import disk

SIGN = b"Flaskwright"
# directories that a server includes whole, and where their files are kept instead
INCLUDED = {"/etc/nginx/sites-enabled": "/etc/nginx/sites-available"}


def is_ours(data: bytes) -> bool:
    """Tell whether a file says in its first three lines that we made it."""
    return any(SIGN in line for line in data.split(b"\n", 3)[:3])


def place(path: str) -> str | None:
    """Give the path where what is at `path` would be kept; None where there is nothing to keep.

    Links are not kept: their target stays. What is kept already, byte by byte, is not kept again.
    """
    status = disk.lstat(path)
    if status is None or stat.S_ISLNK(status.st_mode):
        return None
    data = disk.read(path)
    if data is not None and is_ours(data):
        return None
    first = candidate = _first(path)
    number = 1
    while disk.lstat(candidate) is not None:
        if data is not None and disk.read(candidate) == data:
            return None
        number += 1
        candidate = "%s.%d" % (first, number)
    return candidate


def kept(path: str) -> bool:
    """Tell whether somebody else's file that was at `path` is kept already."""
    return disk.lstat(_first(path)) is not None


def copy(path: str) -> None:
    """Keep a copy of a file, with its owner and mode, while the file stays in use."""
    to, data = place(path), disk.read(path)
    if to is not None and data is not None:
        status = os.lstat(path)
        disk.write(to, data, status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))


def note(path: str) -> str:
    """Say what would be kept where, or what a link that goes pointed to."""
    to, target = place(path), disk.link_target(path)
    if to is not None:
        return "keeps what was there as %s" % to
    return "was a link to %s" % target if target is not None else ""


def _first(path: str) -> str:
    directory, name = os.path.split(path)
    return os.path.join(INCLUDED.get(directory, directory), name + ".before")
