"""The age of a configuration: when a file, a link or a directory of it last changed."""

from __future__ import annotations

import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def newest(top: str) -> float:
    """Give the time of the last change below `top`, links followed, in seconds since the epoch.

    Files and links count by ctime, directories by mtime (a file that went). Times to come say
    nothing: they are from before the clock was set.
    """
    now = time.time()
    return max((changed for changed in _changes(top, set()) if changed <= now), default=0.0)


def let_pass(top: str, seconds: float) -> None:
    """Wait until the last change is `seconds` ago at least."""
    time.sleep(max(0.0, min(newest(top) + 2 * seconds - time.time(), 2 * seconds)))


def _changes(path: str, seen: set[str]) -> Iterator[float]:
    """Give the times of what is at `path`, of every link on the way there, and of all below."""
    if path in seen:
        return
    seen.add(path)
    try:
        status = os.lstat(path)
    except OSError:
        return
    if stat.S_ISLNK(status.st_mode):
        yield status.st_ctime
        target = os.path.join(os.path.dirname(path), os.readlink(path))
        yield from _links_above(target, seen)
        yield from _changes(os.path.normpath(target), seen)
    elif stat.S_ISDIR(status.st_mode):
        yield status.st_mtime
        for name in os.listdir(path):
            yield from _changes(os.path.join(path, name), seen)
    else:
        yield status.st_ctime


def _links_above(path: str, seen: set[str]) -> Iterator[float]:
    """Give the times of the links among the directories that lead to `path`."""
    above = os.path.dirname(path)
    while above not in ("", "/"):
        if os.path.islink(above) and above not in seen:
            seen.add(above)
            yield os.lstat(above).st_ctime
        above = os.path.dirname(above)
