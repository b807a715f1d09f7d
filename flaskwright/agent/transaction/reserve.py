"""Room on the disk that is kept for the way back: an undo must not fail since the disk is full."""

from __future__ import annotations

import os

from ..system import disk

NAME = ".reserve"
SIZE = 1 << 20  # bytes


class Reserve:
    """A file while a transaction runs, on each file system that these directories are on.

    Whoever needs room, or an inode, frees it.
    """

    def __init__(self, *directories: str) -> None:
        # one place for each, and the same whoever asks
        places = {os.stat(directory).st_dev: directory for directory in reversed(directories)}
        self.paths = [os.path.join(place, NAME) for place in places.values()]

    def __enter__(self) -> Reserve:
        self.take()
        return self

    def __exit__(self, *exc: object) -> None:
        self.free()

    def take(self) -> None:
        """Take the room, unless that was done already; raises OSError where there is none."""
        for path in self.paths:
            if not os.path.exists(path):
                disk.write(path, b"\0" * SIZE, mode=0o600)

    def free(self) -> bool:
        """Give the room back to the disk; False where that was done already."""
        there = [path for path in self.paths if os.path.exists(path)]
        for path in there:
            os.unlink(path)
        return bool(there)
