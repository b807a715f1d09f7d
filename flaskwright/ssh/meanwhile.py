"""Something that is done while its caller goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BEAT = 9.0  # seconds between two words about the wait


class Meanwhile:
    """Does `act` in a thread of its own, which no exit waits for."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_here(self) -> bool:
        """Whether it is the one who asks."""
        return threading.current_thread() is self._thread

    def wait(self, told: Callable[[float], None]) -> None:
        """Return when it is done; raises what it has raised.

        Calls `told` now and then with the seconds that this has taken; what that raises ends it.
        """
        began = time.monotonic()
        while self._thread.is_alive():
            self._thread.join(BEAT)
            if self._thread.is_alive():
                told(time.monotonic() - began)
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # it is the waiting thread's
            self._error = error
