"""The lines that are shown while a plan is at work: host, n/m, what, seconds."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any, Self, TextIO

from .agent.text import one_line
from .redaction import printable

HEARTBEAT = 10.0  # seconds of silence after which a line says what is still at work
LONGEST = 60.0  # seconds between two lines that say that something is waited for
QUIET_STATES = ("ok", "would change", "would run", "done")


class Progress:
    """Shows the agent's events; on a terminal the resource in hand is one line that moves.

    `tell` prints a whole line, `live` is the terminal, or None where there is none.
    """

    def __init__(
        self, host: str, mode: str, tell: Callable[[str], None], live: TextIO | None
    ) -> None:
        self._host, self._mode, self._tell, self._live = host, mode, tell, live
        self._where = host
        self._since = self._spoke = time.monotonic()
        self._pause = 0.0  # until it is said again that something is waited for

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._draw("")

    def __call__(self, event: dict[str, Any]) -> None:
        """Take one event of the agent."""
        show = getattr(self, f"_on_{event['event']}", None)
        if show:
            show(event)

    def _on_start(self, event: dict[str, Any]) -> None:
        self._since = self._spoke = time.monotonic()
        self._pause = 0.0
        self._where = f"{self._host}  {event['n']:>2}/{event['of']}  {one_line(event['id'])}"
        self._draw(self._where)

    def _on_progress(self, event: dict[str, Any]) -> None:
        if self._live:
            self._draw(f"{self._where}  {one_line(event['text'])}")
        elif time.monotonic() - self._spoke > HEARTBEAT:
            self._spoke = time.monotonic()
            self._tell(f"{self._where}  {one_line(event['text'])}  {self._seconds()}")

    def _on_waiting(self, event: dict[str, Any]) -> None:
        """Say what is waited for, and since when; without a terminal after longer and longer."""
        line = f"{self._where}  {one_line(event['text'])}  {event['seconds']:.0f} s"
        if self._live:
            self._draw(line)
        elif time.monotonic() - self._spoke >= self._pause:
            self._spoke = time.monotonic()
            self._pause = min(max(HEARTBEAT, 2 * self._pause), LONGEST)
            self._tell(line)

    def _on_phase(self, event: dict[str, Any]) -> None:
        self._draw(f"{self._where}  {one_line(event['name'])}")

    def _on_output(self, event: dict[str, Any]) -> None:
        self._draw("")

    def _on_want(self, event: dict[str, Any]) -> None:
        """Leave the line to whoever answers: it may take a question to a person."""
        self._draw("")

    def _on_notice(self, event: dict[str, Any]) -> None:
        self._draw("")
        self._tell(f"{self._where}  {one_line(event['text'])}")
        self._draw(self._where)

    def _on_result(self, event: dict[str, Any]) -> None:
        self._draw("")
        if event["state"] in QUIET_STATES:
            return
        seconds = event.get("seconds", time.monotonic() - self._since)  # of a journal: as it was
        self._tell(f"{self._where}  {event['state']}  {seconds:.1f} s")
        if event.get("note"):
            self._tell(f"{self._host}         {one_line(event['note'])}")

    def _seconds(self) -> str:
        return f"{time.monotonic() - self._since:.1f} s"

    def _draw(self, text: str) -> None:
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._live.write(f"\r\033[K{printable(text)[:width]}")
            self._live.flush()
