"""A file that is for its owner's eyes alone, opened as such or refused."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ..errors import Unreachable, UsageError


@contextmanager
def opened(path: Path) -> Iterator[TextIO | None]:
    """Give the file as text, None where there is none.

    Raises UsageError for one that others may read, that is none, or no UTF-8; else Unreachable.
    """
    try:
        with open(path, encoding="utf-8-sig", opener=_without_waiting) as file:
            _must_be_private(path, os.fstat(file.fileno()))
            yield file
    except FileNotFoundError:
        yield None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not a file of secrets", why="It is not UTF-8.") from None
    except OSError as error:
        raise Unreachable(f"cannot read {path}", why=f"{error.strerror}.") from None


def _must_be_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{path} is not a file of secrets", why="It is no file.")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise UsageError(
            f"{path} is not used",
            why=f"Others may read it: its mode is {mode:04o}.",
            next=f"chmod 600 {shlex.quote(str(path))}, and change what was in it",
        )


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; of a pipe, nobody may ever write the other end."""
    return os.open(path, flags | os.O_NONBLOCK)
