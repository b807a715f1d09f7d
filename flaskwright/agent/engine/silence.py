"""A run that has said nothing for a while says what it waits for, and since when."""

from __future__ import annotations

import contextlib
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .run import Run


TICK = 0.5  # seconds between two looks


@contextlib.contextmanager
def told(run: Run) -> Iterator[None]:
    """Within this, send `waiting` whenever nothing was said for the run's patience."""
    over = threading.Event()
    threading.Thread(target=_listen, args=(run, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _listen(run: Run, over: threading.Event) -> None:
    while not over.wait(TICK):
        if time.monotonic() - run.spoke >= run.patience:
            run.tell_wait()
