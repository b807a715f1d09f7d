"""The screen of a plan at work: a line for each phase with its seconds, and what goes on now.

On a terminal what goes on is one line that moves; without one a line says it each ten seconds. No
line names a resource, unless more is asked for (`-v`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TextIO

from flaskwright.agent.common.subject import Subject
from flaskwright.agent.common.text import one_line

from . import live_line, phases
from .width import (
    columns_of,
    fit,
    padded,
    room_on,
    wrapped,
)

TICK = 0.25  # seconds between two looks at the clock
HEARTBEAT = 9.5  # seconds after which something is said again; ten are promised
FIRST = 5.0  # seconds after which something is said at all: our own start has taken some
QUIET = 10.0  # seconds without a word of the host's, after which that is said
UNHEARD = 6.0  # seconds without a sign of life of the host's, which is asked for one each 2.5
UNKNOWN = "at work"  # what the agent says of a step of which it knows nothing better
LABEL = max(map(len, phases.PHASES))


@dataclass(frozen=True)
class Manner:
    """How a plan is shown.

    prefix: stands before each line, where there are several hosts. rows: phases have lines. whole:
    each has one, also where nothing changed. verbose: resources and what programs say, too.
    no_https: why the site has none.
    """

    host: str
    prefix: str = ""
    rows: bool = True
    whole: bool = False
    verbose: bool = False
    no_https: str = ""


class Progress:
    """Shows the agent's events; used by a lane's thread, and by one of its own for the clock.

    tell prints a line, stream is where to. unheard: gives the seconds in which the host gave no
    sign of life.
    """

    def __init__(
        self,
        manner: Manner,
        tell: Callable[[str], None],
        stream: TextIO,
        unheard: Callable[[], float] = float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.unheard = unheard
        self._manner, self._tell, self._stream, self._clock = manner, tell, stream, clock
        self._row = phases.Row("")
        self._seen: list[str] = []
        self._now = "connects"
        self._waiting = ""
        self._waits = self._heard = self._marked = clock()
        self._spoke = clock() - HEARTBEAT + FIRST
        self._at: float | None = None
        self._hidden = self._is_deaf = self._is_live = False
        self._live = live_line.on(stream)
        self._lock = threading.RLock()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._is_live = self._live.__enter__()
        self.tick()
        threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, kind: object, *exc: object) -> None:
        self._over.set()
        with self._lock:
            self._hidden = True
            self._live.__exit__(None, None, None)
            self._advance({})
            self._end_row(kind is not None)

    def __call__(self, event: dict[str, Any]) -> None:
        """Show an event of the agent: a phase, a line, the live line."""
        with self._lock:
            self._advance(event)
            self._waiting = ""
            show = getattr(self, f"_on_{event['event']}", None)
            if show:
                show(event)
            self.tick()

    def waits(self, what: str, seconds: float) -> None:
        """Take what our own side waits for, and for how long it has been."""
        self({"event": "waiting", "text": what, "seconds": seconds})

    def tick(self) -> None:
        """Draw what goes on now, with its clock; without a terminal say it now and then."""
        with self._lock:
            self._listen()
            if self._hidden:
                return
            if self._is_live:
                live_line.draw(self._line())
            elif self._clock() - self._spoke >= HEARTBEAT:
                self._say(self._line())

    def _tick(self) -> None:
        while not self._over.wait(TICK):
            self.tick()

    def _advance(self, event: dict[str, Any]) -> None:
        """Put the time since the last event down to what was at work.

        A transaction's events say when they were sent (`at`, the host's clock since it booted):
        so it has taken the same when it is told again.
        """
        now, at = self._clock(), event.get("at")
        passed = now - self._marked
        if at is not None and self._at is not None:
            passed = max(0.0, at - self._at)
        self._row.seconds += passed
        self._marked, self._at, self._heard = now, at, now

    def _listen(self) -> None:
        """Say once that a host is not heard any more, and that it is again."""
        is_deaf = self.unheard() >= UNHEARD
        if is_deaf != self._is_deaf and not self._is_live and not self._hidden:
            self._say(
                self._line() if is_deaf else f"{self._head()}  {self._manner.host} is heard again"
            )
        self._is_deaf = is_deaf

    def _line(self) -> str:
        """Return what goes on, shortened to what a terminal has room for; its seconds stay."""
        head, (text, seconds) = self._head(), self._goes_on()
        room = room_on(self._stream)
        if room:
            text = fit(text, room - columns_of(f"{head}  {seconds}"))
        return f"{head}  {text}{seconds}"

    def _head(self) -> str:
        seconds = self._row.seconds + self._clock() - self._marked
        name = self._row.name or self._manner.host
        return f"{self._label(name)}{seconds:>4.0f} s"

    def _label(self, name: str) -> str:
        return f"{self._manner.prefix}  {padded(name, LABEL)}  "

    def _goes_on(self) -> tuple[str, str]:
        """Return what goes on, and since when where that is to be said."""
        if self.unheard() >= UNHEARD:
            return f"nothing heard from {self._manner.host}", f" for {self.unheard():.0f} s"
        if self._waiting not in ("", UNKNOWN):
            return self._waiting, f", {self._clock() - self._waits:.0f} s"
        silent = self._clock() - self._heard
        return self._now, f", no word for {silent:.0f} s" if silent >= QUIET else ""

    def _on_start(self, event: dict[str, Any]) -> None:
        step = one_line(event.get("step", ""))
        before = self._row.name if self._row.name in phases.PHASES else ""
        self._begin_row(phases.phase_of(event["kind"], before) or step)
        self._now = one_line(event["id"]) if self._manner.verbose else step

    def _on_progress(self, event: dict[str, Any]) -> None:
        self._now = one_line(event["text"])
        if self._manner.verbose:
            self._say(f"{self._manner.prefix}    {self._now}")

    def _on_phase(self, event: dict[str, Any]) -> None:
        name = one_line(event["name"])
        self._now = phases.WORDS.get(name, name)

    def _on_waiting(self, event: dict[str, Any]) -> None:
        self._waiting = one_line(event["text"])
        self._waits = self._clock() - event["seconds"]

    def _on_want(self, event: dict[str, Any]) -> None:
        self._now = f"sends what {self._manner.host} asks for"

    def _on_output(self, event: dict[str, Any]) -> None:
        """Leave the screen to what a program writes."""
        self._hidden = True
        if self._is_live:
            live_line.draw("")

    def _on_notice(self, event: dict[str, Any]) -> None:
        self._say(self._label(self._row.name), one_line(event["text"]))

    def _on_result(self, event: dict[str, Any]) -> None:
        state, seconds = event["state"], event.get("seconds", 0.0)
        self._row.changed += state == "changed"
        if state == "failed":
            self._row.failed = one_line(event.get("step", "")) or "the deploy"
        if state == "changed" and event.get("note"):
            about = f"{one_line(event['path'])}: " if "path" in event else ""
            self._row.notes.append(about + one_line(event["note"]))
        if self._manner.verbose and self._manner.rows and state in ("changed", "failed"):
            self._say(f"{self._manner.prefix}    {one_line(event['id'])}  {state}  {seconds:.1f} s")
            for line in event.get("diff", ()):
                self._say(f"{self._manner.prefix}      {one_line(line)}")

    def _on_end(self, event: dict[str, Any]) -> None:
        about = Subject(event.get("facts"))
        if about.drained:
            self._row.notes.append(one_line(about.drained))

    def _begin_row(self, name: str) -> None:
        if name == self._row.name:
            return
        if self._row.name:
            self._end_row()
            self._row = phases.Row("")
        self._row.name = name  # what came before the first one, the connection, is part of it
        self._seen.append(name)
        why_none = self._manner.no_https if self._manner.whole else ""
        if why_none and name == phases.ENVIRONMENT and phases.PACKAGES in self._seen:
            self._say(f"{self._label(phases.HTTPS)}{'-':>8}  ", why_none)

    def _end_row(self, cut_off: bool = False) -> None:
        row = self._row
        is_whole = self._manner.whole and row.name in phases.PHASES
        is_told = row.name and (row.changed or row.failed or cut_off or is_whole)
        if not self._manner.rows or not is_told:
            return
        outcome = "not finished" if cut_off and not row.failed else row.outcome
        head = f"{self._label(row.name)}{row.seconds:>6.1f} s  "
        self._say(head, "; ".join([outcome, *dict.fromkeys(row.notes)]))

    def _say(self, head: str, text: str = "") -> None:
        self._spoke = self._clock()
        for line in wrapped(head, text, room_on(self._stream)):
            self._tell(line)
