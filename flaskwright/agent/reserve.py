"""Room on the disk that is kept for the way back: an undo must not fail since the disk is full."""

from __future__ import annotations

import os

from . import disk

SIZE = 1 << 20  # bytes


class Reserve:
    """A file in the state directory while a transaction runs; whoever needs room frees it."""

    def __init__(self, state: str) -> None:
        self.path = os.path.join(state, "reserve")

    def __enter__(self) -> Reserve:
        disk.write(self.path, b"\0" * SIZE, mode=0o600)
        return self

    def __exit__(self, *exc: object) -> None:
        self.free()

    def free(self) -> bool:
        """Give the room back to the disk; False where that was done already."""
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            return False
        return True
