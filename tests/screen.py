"""A screen as a person sees it: the product's own console on a real terminal, read by an emulator.

A case is a file of tests/screens: what it is about, a few settings, the events of a host with the
second in which each comes, and what is then on the screen in each view.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import struct
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pyte
import pytest

from flaskwright.plan import plan
from flaskwright.report import console, progress
from flaskwright.report.console import Console
from flaskwright.report.progress import Manner, Progress
from flaskwright.report.report import HostReport
from flaskwright.run import runner
from tests.hosts_file import host_in

ROWS = 60
EVENTS, VIEW = "--- events", "--- "


@dataclass(frozen=True)
class Case:
    """A file's parts: its views are `pipe`, or columns with the second in which it is looked at."""

    path: Path
    about: str
    settings: dict[str, str]
    events: list[tuple[float, str]]
    views: dict[str, str]

    def text(self, views: dict[str, str]) -> str:
        """Return the file with these views."""
        settings = "".join(f"{key}: {value}\n" for key, value in self.settings.items())
        events = "".join(f"{when:>5.1f}  {said}\n" for when, said in self.events)
        shown = "".join(f"{VIEW}{name}\n{text}\n" for name, text in views.items())
        return f"{self.about}\n{settings}{EVENTS}\n{events}{shown}"


def read(path: Path) -> Case:
    """Return a case."""
    head, _, rest = path.read_text().partition(f"{EVENTS}\n")
    about, *settings = head.rstrip("\n").split("\n")
    told, *views = rest.split(VIEW)
    events = [line.split(None, 1) for line in told.rstrip("\n").split("\n")]
    shown = dict(view.rstrip("\n").split("\n", 1) if "\n" in view.rstrip("\n") else
                 (view.rstrip("\n"), "") for view in views)  # fmt: skip
    pairs = dict(line.split(": ", 1) for line in settings)
    return Case(path, about, pairs, [(float(when), said) for when, said in events], shown)


class Clock:
    """The time of a case; `unheard` since a cable was pulled."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pulled: float | None = None

    def __call__(self) -> float:
        return self.now

    def unheard(self) -> float:
        return 0.0 if self.pulled is None else self.now - self.pulled


def shown(case: Case, view: str, directory: Path, patch: pytest.MonkeyPatch) -> str:
    """Return what a view of a case shows."""
    columns, _, until = view.partition(" at ")
    if columns.startswith("pipe"):
        stream = io.StringIO()
        _play(case, float(until or "inf"), stream, directory, patch, stream.getvalue)
        assert "\r" not in stream.getvalue()
        assert "\033" not in stream.getvalue()
        return stream.getvalue().rstrip("\n")
    with terminal(int(columns)) as (stream, screen):
        seen: str = _play(case, float(until or "inf"), stream, directory, patch, screen)
        return seen


@contextmanager
def terminal(columns: int) -> Iterator[tuple[TextIO, Any]]:
    """Yield a terminal to write to, and a function that gives what stands on it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    screen = pyte.Screen(columns, ROWS)
    stream = pyte.ByteStream(screen)
    os.set_blocking(ours, False)

    def looked_at() -> str:
        while True:
            try:
                stream.feed(os.read(ours, 65536))
            except BlockingIOError:
                break
        lines = [_line(screen, number) for number in range(ROWS)]
        return "\n".join(lines).rstrip("\n")

    with os.fdopen(theirs, "w") as file:
        try:
            yield file, looked_at
        finally:
            os.close(ours)


def _line(screen: pyte.Screen, number: int) -> str:
    """Return a line; the second column of a wide character is empty."""
    return "".join(screen.buffer[number][at].data for at in range(screen.columns)).rstrip()


class Looked(Exception):
    """It was looked at in the middle, and then nobody cared any more."""


def _play(
    case: Case,
    until: float,
    stream: TextIO,
    directory: Path,
    patch: pytest.MonkeyPatch,
    look: Callable[[], str],
) -> str:
    """Have all that is said of a case printed on a stream, up to a moment, and look at it."""
    for name, value in (("TERM", case.settings.get("term", "xterm")), ("NO_COLOR", "1")):
        patch.setenv(name, value)
    patch.delenv("COLUMNS", raising=False)
    there = Console(stream, stream)
    patch.setattr(console, "_console", there)
    patch.setattr(progress, "TICK", 3600)  # the case says what time it is
    host = host_in(directory, host=case.settings.get("host", "").replace("; ", "\n"))
    report = HostReport(plan.make(host, []), "apply")  # type: ignore[arg-type]
    clock, mode = Clock(), case.settings.get("manner", "whole")
    none = "" if host.site.https else "none: no domain"
    prefix = case.settings.get("prefix", "")
    manner = Manner("pi", prefix, whole=mode == "whole", verbose=mode == "verbose", no_https=none)
    seen = []
    with contextlib.suppress(Looked):
        with Progress(manner, there.tell, stream, clock.unheard, clock) as show:
            for when, said in case.events:
                while clock.now + 1 < min(when, until):
                    clock.now += 1
                    show.tick()
                if when > until:
                    seen.append(look())
                    raise Looked
                clock.now = when
                _say(said, show, report, clock)
        report.seconds = clock.now
        console.result(report)
    return seen[0] if seen else look()


def _say(said: str, show: Progress, report: HostReport, clock: Clock) -> None:
    name, _, rest = said.partition(" ")
    match name:
        case "pull":
            clock.pulled = clock.now
        case "plug":
            clock.pulled = None
        case "lost":
            raise Looked
        case _:
            event = _event(name, rest, show)
            runner._note(report, event)
            show(event)
    show.tick()


def _event(name: str, rest: str, show: Progress) -> dict[str, Any]:
    """Return an event of the agent; a result is of what was started last."""
    first, _, more = rest.partition(" ")
    match name:
        case "start":
            kind, _, path = first.partition(":")
            at = {"path": path} if path.startswith("/") else {}
            show.case = {"id": first, "kind": kind, "step": more, **at}  # type: ignore[attr-defined]
            return {"event": "start", "n": 1, "of": 1, **show.case}  # type: ignore[attr-defined]
        case "result":
            state, *fields = rest.split(" | ")
            told = dict(field.split("=", 1) for field in fields)
            log = {"log": told["log"].split(" / ")} if "log" in told else {}
            diff = {"diff": told["diff"].split(" / ")} if "diff" in told else {}
            return {**show.case, "event": "result", "state": state, **told, **log, **diff}  # type: ignore[attr-defined]
        case "waiting":
            return {"event": "waiting", "seconds": float(first), "text": more}
        case "phase":
            return {"event": "phase", "name": rest}
        case "end":
            facts = dict(field.split("=", 1) for field in rest.split(" | ") if field)
            return {"event": "end", "facts": facts}
    return {"event": name, "text": rest}
