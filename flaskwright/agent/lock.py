"""One run at a time: flock, with a note of who holds it; the kernel lets go when we end."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time

from .paths import make_directories
from .text import now

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


PAUSE = 0.01  # seconds between two attempts


class Held(Exception):
    """Another run holds the lock; `holder` has its who, since and what."""

    def __init__(self, holder: dict[str, str]) -> None:
        super().__init__("locked by %(who)s" % holder)
        self.holder = holder


@contextlib.contextmanager
def locked(paths: Sequence[str], who: str, what: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the locks at `paths`, taken in that order; raises Held after `wait` seconds for one."""
    deadline = time.monotonic() + wait
    with contextlib.ExitStack() as held:
        for path in dict.fromkeys(paths):
            descriptor = _take(path, deadline)
            held.callback(os.close, descriptor)
            held.callback(os.truncate, descriptor, 0)
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, _note(who, what), 0)
        yield


def _take(path: str, deadline: float) -> int:
    make_directories(os.path.dirname(path), 0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(PAUSE)
                continue
            holder = _holder(os.pread(descriptor, 4096, 0))
            os.close(descriptor)
            raise Held(holder) from None
        return descriptor


def _note(who: str, what: str) -> bytes:
    return json.dumps({"who": who, "since": now(), "what": what}).encode()


def _holder(note: bytes) -> dict[str, str]:
    unknown = {"who": "somebody", "since": "a moment ago", "what": "another run"}
    try:
        return dict(unknown, **json.loads(note.decode("utf-8")))
    except ValueError:  # between taking the lock and writing the note
        return unknown
