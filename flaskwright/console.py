"""Everything that is printed: results on stdout, progress and failures on stderr.

Colour and live lines only on a terminal, and not with NO_COLOR; control characters of a host never
reach it. With --json one object is printed at the end, whatever happened.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Iterable
from typing import Any, TextIO

from invoke import Exit

from . import columns, report_lines, width
from .agent.text import one_line
from .errors import FlaskwrightError
from .printing import put
from .progress import Manner, Progress
from .redaction import styled as in_style
from .report import PENDING, HostReport
from .secrets import redact

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_STATE_STYLE = {"failed": "red", "changed": "yellow", "would change": "yellow", "ok": "green"}


class Console:
    """Where output goes; one for a process, used by all lanes."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self.out, self.err = out, err
        self.as_json = False
        self.names_hosts = False
        self.is_verbose = False
        self._hosts: dict[str, Any] = {}
        self._lock = threading.RLock()

    def say(self, text: str = "") -> None:
        """Print a line of the result."""
        with self._lock:
            put(text, self.out)

    def tell(self, text: str = "") -> None:
        """Print a line of progress or of a failure."""
        with self._lock:
            put(text, self.err)

    def write(self, text: str, stream: str) -> None:
        """Print whole lines of a host's program to the stream that it wrote them to.

        Raises Exit when nobody reads them any more: the program may have no other end.
        """
        with self._lock:
            if not put(text, self.err if stream == "err" else self.out, end=""):
                raise Exit(code=1)

    def keep(self, host: str, value: dict[str, Any]) -> None:
        """Keep what `--json` prints for a host; several tasks on one host add up."""
        with self._lock:
            self._hosts.setdefault(host, {}).update(value)

    def finish(self) -> None:
        """Print the one JSON object, when it was asked for."""
        if self.as_json:
            self.as_json = False
            self.say(json.dumps({"hosts": self._hosts}, indent=2, sort_keys=True))


_console = Console(sys.stdout, sys.stderr)


def use_json() -> None:
    """Collect results for one JSON object instead of printing them."""
    _console.as_json = True


def name_hosts() -> None:
    """Put the host's name before each line that its program writes: there are several hosts."""
    _console.names_hosts = True


def be_verbose() -> None:
    """Show each resource that is changed, its diff, and what programs say meanwhile."""
    _console.is_verbose = True


def is_json() -> bool:
    """Tell whether results are collected for one JSON object."""
    return _console.as_json


def keep(host: str, value: dict[str, Any]) -> None:
    """Keep what `--json` prints for a host."""
    _console.keep(host, value)


def finish() -> None:
    """Print the JSON object, when it was asked for."""
    _console.finish()


def say(text: str = "") -> None:
    """Print a line of the result, unless the result is JSON."""
    if not _console.as_json:
        _console.say(text)


def tell(text: str = "") -> None:
    """Print a line that accompanies the work."""
    _console.tell(text)


def output(host: str, text: str, stream: str) -> None:
    """Print lines that a host's program writes, unless the result is JSON."""
    if _console.names_hosts:
        text = re.sub("^(?=.|\n)", f"{host}  ", text, flags=re.MULTILINE)
    if not _console.as_json:
        _console.write(text, stream)


def progress(todo: Any, mode: str, link: Any) -> Progress:
    """Show a plan's events as they come; `link` has `unheard`, the seconds without a sign of life.

    Which function that is it learns once it is open.
    """
    kinds, host = {item.resource.kind for item in todo.items}, todo.host
    manner = Manner(
        host.name,
        prefix=host.name if _console.names_hosts else "",
        rows=mode == "apply" or "attach" in kinds,
        whole=not kinds.isdisjoint(("serving", "attach")),
        verbose=_console.is_verbose,
        no_https="" if host.https else "off" if host.domain else "none: no domain",
    )
    return Progress(manner, _console.tell, _console.err, lambda: float(link.unheard()))


def result(report: HostReport) -> None:
    """Print what came of a plan: the diff of a dry run, answers, a failure, and a summary."""
    if _console.as_json:
        keep(report.plan.host.name, report.json())
        return
    room = width.room_on(_console.out)
    for outcome in report.outcomes:
        if outcome.state in PENDING:
            say(f"{state_styled(outcome.state)}  {report_lines.about(outcome)}")
        for line in report_lines.told(outcome, report.plan.host, room):
            say(line)
    if report.failure:
        serves = report.facts.get("serves")
        person = report.facts.get("person", "")
        ahead = report.facts.get("ahead", "")
        failure(report.plan.host.name, report.failure.as_error(), serves, person, ahead)
    for line in report_lines.summary(report):
        tell(line)
    if report.serves:
        for line in report_lines.site(report, room):
            say(line)


def failure(
    host: str | None,
    error: FlaskwrightError,
    serves: str | None = None,
    person: str = "",
    ahead: str = "",
) -> None:
    """Print what failed, why, the log lines that matter, the live release, and what to do next.

    person: what somebody has to look at on the host itself. ahead: what stays of a migration.
    """
    if _console.as_json and host:
        keep(host, {"exit_code": error.exit_code, "error": error.what, "why": error.why})
    name = f"{host}  " if host else ""
    _wrapped(name, "failed", error.what, "red", "bold")
    _row("why ", error.why)
    for line in redact.lines(map(one_line, error.log)):
        for part in width.wrapped("  | ", line, width.room_on(_console.err)):
            tell(styled(part, "dim"))
    if serves is not None:
        _row("live", f"release {serves}" if serves else "nothing yet")
    _row("data", ahead)
    _row("look", person, "red", "bold")
    _row("next", error.next)


def table(rows: Iterable[tuple[str, ...]]) -> None:
    """Print rows in columns; the last column is not padded."""
    for line in columns.aligned(rows):
        say(line)


def styled(text: str, *styles: str) -> str:
    """Return `text` in terminal styles, where a person looks at a terminal that has them."""
    if not _console.err.isatty() or os.environ.get("NO_COLOR"):
        return text
    return in_style(text, ";".join(STYLES[style] for style in styles))


def state_styled(state: str) -> str:
    """Return a state in its colour."""
    return styled(state, _STATE_STYLE.get(state, "dim"))


def _row(word: str, text: str, *styles: str) -> None:
    if text:
        _wrapped("  ", word, text, *styles)


def _wrapped(head: str, word: str, text: str, *styles: str) -> None:
    """Print a text behind a word, in lines as long as the terminal has room for."""
    beside = f"{head}{word}  "
    first, *more = width.wrapped(beside, one_line(text), width.room_on(_console.err))
    tell(f"{head}{styled(word, *styles)}{first[len(head + word) :]}")
    for line in more:
        tell(line)
