"""One run at a time: flock, with a note of who holds it; the kernel lets go when we end."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time

from ..common.text import now
from .paths import make_directories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


HOST, EARLIER = "host.lock", "lock"  # of the host; earlier versions lock the second one alone
PAUSE = 0.01  # seconds between two attempts


class Held(Exception):
    """Another run holds the lock; `holder` has its who, since and what."""

    def __init__(self, holder: dict[str, str]) -> None:
        super().__init__("locked by %(who)s" % holder)
        self.holder = holder


def lock_paths(state: str, has_app: bool) -> list[str]:
    """Give the host's lock, by both its names, and the app's; without an app the host's only.

    state: the directory of what we remember of the app. The earlier name may be an app's, too.
    """
    host = os.path.dirname(state) if has_app else state
    earlier = os.path.join(host, EARLIER)
    names = [os.path.join(host, HOST)] + ([] if os.path.isdir(earlier) else [earlier])
    return [*names, os.path.join(state, "lock")] if has_app else names


@contextlib.contextmanager
def locked(paths: Sequence[str], who: str, what: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the locks at `paths`, taken in that order; raises Held after `wait` seconds for one."""
    deadline = time.monotonic() + wait
    with contextlib.ExitStack() as held:
        for path in dict.fromkeys(paths):
            if os.path.dirname(path) in paths:  # an app has the name of a lock, which we have
                os.unlink(os.path.dirname(path))
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
