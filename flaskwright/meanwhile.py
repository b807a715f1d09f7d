"""Something that is done while its caller goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Meanwhile:
    """Does `act` in a thread of its own, which no exit waits for."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Return when it is done; raises what it has raised."""
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # it is the waiting thread's
            self._error = error
