"""What nginx's user could read by way of a link: a program that runs as that user.

servedlinks.py sends this source to the host's python3, with a list of paths as JSON on stdin, so
it imports nothing of ours. It gives, for each path that leads to a regular file or to a directory
with one not far below, that file and its first bytes.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
import time

HEAD = 200  # bytes
LEVELS = 3  # of directories
NAMES = 200  # of a directory
PATIENCE = 5.0  # seconds


def first(place: str, levels: int, end: float) -> dict[str, str] | None:
    """Give the file at `place`, or the first one below that can be read and is not empty."""
    try:
        mode = os.stat(place).st_mode
        if stat.S_ISREG(mode):
            return _head(place)
        names = sorted(os.listdir(place))[:NAMES] if stat.S_ISDIR(mode) and levels else []
    except OSError:
        return None
    for name in names:
        found = first(os.path.join(place, name), levels - 1, end)
        if found or time.monotonic() > end:
            return found
    return None


def _head(place: str) -> dict[str, str] | None:
    with open(os.open(place, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        data = file.read(HEAD)
    return {"file": place, "head": base64.b64encode(data).decode()} if data else None


def main() -> int:
    """Print as JSON, by place, what can be read at or below the places on stdin."""
    end = time.monotonic() + PATIENCE
    found = {place: first(place, LEVELS, end) for place in json.loads(sys.stdin.read())}
    print(json.dumps({place: one for place, one in found.items() if one}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
