"""What is in a tree that somebody else may write, without following a link of it; bounded."""

from __future__ import annotations

import contextlib
import os
import stat
import time

from .paths import open_directory, opened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Tuple

    Entry = Tuple[str, os.stat_result, str]


MOST = 50_000  # entries
LEVELS = 50  # of directories
PATIENCE = 5.0  # seconds


class TreeWalk:
    """The tree at `top`; `whole` is False once something in it was not looked at."""

    def __init__(self, top: str) -> None:
        self.top = top
        self.whole = True
        self.left = MOST
        self.end = time.monotonic() + PATIENCE

    def entries(self) -> Iterator[Entry]:
        """Give files and links: the path in the tree, the status, and a link's target, else "".

        Raises OSError, and Failed where the way to the top leads over a stranger's link.
        """
        with open_directory(self.top) as here:
            yield from self._below(here, "", LEVELS)

    def _below(self, here: int, path: str, levels: int) -> Iterator[Entry]:
        for name in sorted(os.listdir(here)):
            self.left -= 1
            if self.left < 0 or not levels or time.monotonic() > self.end:
                self.whole = False
                return
            entry = _entry(here, name)
            if entry is None:
                self.whole = False
            elif stat.S_ISDIR(entry[1].st_mode):
                yield from self._directory(here, name, path + name + "/", levels - 1)
            else:
                yield (path + name, *entry[1:])

    def _directory(self, here: int, name: str, path: str, levels: int) -> Iterator[Entry]:
        with contextlib.ExitStack() as stack:
            try:
                below = stack.enter_context(opened(here, name))
            except OSError:  # it has gone, or become something else, meanwhile
                self.whole = False
                return
            yield from self._below(below, path, levels)


def _entry(here: int, name: str) -> Entry | None:
    """Give what has a name; None when it has gone, or become something else, meanwhile."""
    try:
        status = os.stat(name, dir_fd=here, follow_symlinks=False)
        return name, status, os.readlink(name, dir_fd=here) if stat.S_ISLNK(status.st_mode) else ""
    except OSError:
        return None
