"""The app's SQLite databases: found, copied, compared, put back. A program for the app's user.

Backups sends this source to the host's python3, with a request of JSON on stdin, so it imports
nothing of ours. The app may have laid links below its directory: they are followed with no more
than its own rights.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from typing import Any, BinaryIO


HEADER = b"SQLite format 3\0"
HEAD = 100  # bytes of the first page that tell about the file
COUNTED = ((24, 28), (40, 44), (92, 100))  # among them: what each copy counts by itself
LOCKED = (5, 6)  # SQLITE_BUSY, SQLITE_LOCKED
PATIENCE = 30.0  # seconds that somebody else's lock is waited for
FILES, NOW, MADE = "files", "now", "made"  # in a backup's directory
SIDES = ("", "-wal", "-shm", "-journal")  # the files of one database


def find(root: str) -> list[str]:
    """Give the databases below a directory, by their paths in it."""
    found = []
    for place, _, files in os.walk(root):
        paths = [os.path.join(place, name) for name in files]
        found += [os.path.relpath(path, root) for path in paths if _is_database(path)]
    return sorted(found)


def backup(root: str, place: str) -> dict[str, Any]:
    """Copy every database below `root` into the backup `place`; gives their names and sizes."""
    names = find(root)
    for name in names:
        _copy(os.path.join(root, name), os.path.join(place, FILES, name))
    return {name: os.stat(os.path.join(place, FILES, name)).st_size for name in names}


def compare(root: str, place: str) -> dict[str, list[str]]:
    """Give the databases that are `changed` since the backup, `gone`, or `made`."""
    kept, here = find(os.path.join(place, FILES)), find(root)
    return {
        "changed": [name for name in kept if name in here and not _is_as_in(place, root, name)],
        "gone": [name for name in kept if name not in here],
        "made": [name for name in here if name not in kept],
    }


def restore(root: str, place: str, names: list[str], made: list[str]) -> dict[str, list[str]]:
    """Put databases back, and those aside that were `made` since; gives what differs then."""
    for name in names:
        _copy(os.path.join(place, FILES, name), os.path.join(root, name))
    for name in made:
        _put_aside(root, place, name)
    return compare(root, place)


def _is_database(path: str) -> bool:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # a link, or something that the app cannot use either
        return False
    with open(file, "rb") as content:
        return stat.S_ISREG(os.fstat(file).st_mode) and content.read(len(HEADER)) == HEADER


def _copy(path: str, to: str) -> None:
    """Copy by SQLite's online backup: whoever has either of them open goes on."""
    is_new = not os.path.exists(to)
    os.makedirs(os.path.dirname(to), 0o700, exist_ok=True)
    with contextlib.closing(_opened(path)) as source, contextlib.closing(_opened(to)) as target:
        source.backup(target, progress=_patience())
    if is_new:
        shutil.copymode(path, to)


def _opened(path: str) -> sqlite3.Connection:
    import sqlite3

    return sqlite3.connect(path, timeout=PATIENCE)


def _patience() -> Callable[[int, int, int], None]:
    """Give what ends a copy that waits for a lock: Python's own backup() would wait for ever."""
    deadline = time.monotonic() + PATIENCE

    def check(status: int, remaining: int, total: int) -> None:
        if status in LOCKED and time.monotonic() > deadline:
            raise TimeoutError("the database has been locked for %d s" % PATIENCE)

    return check


def _is_as_in(place: str, root: str, name: str) -> bool:
    """Copy the database as it is now, in whatever journal mode, and compare the copies."""
    now = os.path.join(place, NOW)
    shutil.rmtree(now, ignore_errors=True)
    try:
        _copy(os.path.join(root, name), os.path.join(now, name))
        return is_same(os.path.join(place, FILES, name), os.path.join(now, name))
    finally:
        shutil.rmtree(now, ignore_errors=True)


def is_same(path: str, other: str) -> bool:
    """Compare two copies page by page; what is in free pages does not count."""
    with open(path, "rb") as one, open(other, "rb") as two:
        heads = [_head(one), _head(two)]
        if heads[0] != heads[1] or os.fstat(one.fileno()).st_size != os.fstat(two.fileno()).st_size:
            return False
        size = int.from_bytes(heads[0][16:18], "big")
        size = 65536 if size == 1 else size
        free, number = _free(one, size, heads[0]), 1
        page, its = one.read(size)[HEAD:], two.read(size)[HEAD:]
        while page and (page == its or number in free):
            number += 1
            page, its = one.read(size), two.read(size)
        return not page


def _head(file: BinaryIO) -> bytes:
    head = bytearray(file.read(HEAD))
    for first, last in COUNTED:
        head[first:last] = bytes(last - first)
    file.seek(0)
    return bytes(head)


def _free(file: BinaryIO, size: int, head: bytes) -> set[int]:
    """Give the pages that hold nothing: the leaves of the free list, whose trunks name them."""
    leaves: set[int] = set()
    trunk, trunks = _number(head[32:36]), set()
    while trunk and trunk not in trunks:
        trunks.add(trunk)
        file.seek((trunk - 1) * size)
        page = file.read(size)
        trunk, count = _number(page[:4]), _number(page[4:8])
        leaves.update(_number(page[8 + 4 * n : 12 + 4 * n]) for n in range(min(count, size // 4)))
    file.seek(0)
    return leaves


def _number(four: bytes) -> int:
    return int.from_bytes(four, "big")


def _put_aside(root: str, place: str, name: str) -> None:
    target = os.path.join(place, MADE, name)
    os.makedirs(os.path.dirname(target), 0o700, exist_ok=True)
    for side in SIDES:
        if os.path.lexists(os.path.join(root, name + side)):
            os.rename(os.path.join(root, name + side), target + side)


ACTIONS: dict[str, Callable[..., Any]] = {
    "backup": backup,
    "compare": compare,
    "restore": restore,
}


def main() -> int:
    """Do what stdin asks for and print the answer; what went wrong goes to stderr in a line."""
    os.umask(0o077)
    request = json.loads(sys.stdin.read())
    try:
        answer = ACTIONS[request.pop("action")](**request)
    except ImportError:
        print("python3 has no module sqlite3", file=sys.stderr)  # noqa: T201
        return 1
    except Exception as error:
        print("%s: %s" % (type(error).__name__, error), file=sys.stderr)  # noqa: T201
        return 1
    print(json.dumps(answer))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
