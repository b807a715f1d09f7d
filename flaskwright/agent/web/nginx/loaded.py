"""Whether nginx's workers have the configuration that is on the disk."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time

from ...common.place import STATE
from ...system import disk
from ...system.paths import make_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


NOTE = STATE + "/nginx.json"


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


def note(workers: Mapping[int, float], digest: str) -> None:
    """Note that these workers (pid -> start) have the configuration of that digest."""
    make_directories(os.path.dirname(NOTE), 0o700)
    text = json.dumps({"workers": _listed(workers), "digest": digest})
    disk.write(NOTE, text.encode("ascii"), mode=0o600)


def is_noted(workers: Mapping[int, float], *trees: str) -> bool:
    """Tell whether these very workers have what is below `trees` now."""
    data = disk.read(NOTE)
    noted = json.loads(data.decode("ascii")) if data else {}
    return noted.get("workers") == _listed(workers) and noted.get("digest") == digest(*trees)


def digest(*trees: str) -> str:
    """Give a digest of every file below `trees` with its path, links followed."""
    found = hashlib.sha256()
    for tree in trees:
        for path in _files(tree):
            found.update(path.encode("utf-8", "surrogateescape") + b"\0")
            with open(path, "rb") as file:
                found.update(hashlib.sha256(file.read()).digest())
    return found.hexdigest()


def _files(tree: str) -> Iterator[str]:
    for place, names, files in os.walk(tree, followlinks=True):
        names.sort()
        paths = (os.path.join(place, name) for name in sorted(files))
        yield from filter(os.path.isfile, paths)


def _listed(workers: Mapping[int, float]) -> list[int]:
    return sorted(workers)
