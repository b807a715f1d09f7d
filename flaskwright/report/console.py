"""Everything that is printed: results on stdout, progress and failures on stderr.

Colour and live lines only on a terminal, and not with NO_COLOR; control characters of a host never
reach it. With --json one object is printed at the end, whatever happened.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

from flaskwright.agent.common.text import one_line

from ..errors import FlaskwrightError, UsageError
from ..secrets.redactor import redact
from . import (
    columns,
    hints,
    report_lines,
    width,
)
from .progress import Manner, Progress
from .redaction import styled as in_style
from .report import PENDING, HostReport
from .streams import Console

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_STATE_STYLE = {"failed": "red", "changed": "yellow", "would change": "yellow", "ok": "green"}

_console = Console(sys.stdout, sys.stderr)


def use_json() -> None:
    """Collect results for one JSON object instead of printing them."""
    _console.as_json = True


def ask_about(hosts: Iterable[str]) -> None:
    """Take the names that -H has: what goes wrong before they are found is told of each."""
    _console.asked = tuple(hosts)


def part_of(host: str, *, at_once: bool) -> AbstractContextManager[None]:
    """Have what this thread says stand under a host's name, as there are several.

    at_once: as it comes; else all of it when the block ends.
    """
    return _console.part_of(host, at_once=at_once)


def be_verbose() -> None:
    """Show each resource that is changed, its diff, and what programs say meanwhile."""
    _console.is_verbose = True


def is_json() -> bool:
    """Tell whether results are collected for one JSON object."""
    return _console.as_json


def keep(host: str, value: dict[str, Any]) -> None:
    """Keep what `--json` prints for a host."""
    _console.keep(host, value)


def keep_error(host: str | None, error: FlaskwrightError) -> None:
    """Keep what `--json` prints of an error; without a host it is of all that were asked for."""
    _console.keep_error(host, _told(error, host))


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
    if not _console.as_json:
        _console.write(text, stream, host)


def progress(todo: Any, mode: str, link: Any) -> Progress:
    """Show a plan's events as they come; `link` has `unheard`, the seconds without a sign of life.

    Which function that is it learns once it is open.
    """
    kinds, host = {item.resource.kind for item in todo.items}, todo.host
    manner = Manner(
        host.name,
        prefix="" if link.alone else host.name,
        rows=mode == "apply" or "attach" in kinds,
        whole=not kinds.isdisjoint(("serving", "attach")),
        verbose=_console.is_verbose,
        no_https="" if host.site.https else "off" if host.site.domain else "none: no domain",
    )
    return Progress(manner, _console.tell, _console.err, lambda: float(link.unheard()))


def result(report: HostReport) -> None:
    """Print what came of a plan: the diff of a dry run, answers, a failure, and a summary."""
    if _console.as_json:
        keep(report.plan.host.name, report.json())
        if report.failure:
            keep_error(report.plan.host.name, report.failure.as_error())
            keep(report.plan.host.name, {"exit_code": report.exit_code})
        return
    room = width.room_on(_console.out)
    for outcome in report.outcomes:
        if outcome.state in PENDING:
            say(f"{state_styled(outcome.state)}  {report_lines.about(outcome)}")
        for line in report_lines.told(outcome, report.plan.host, room):
            say(line)
    if report.failure:
        about = report.about
        told = (about.serves, about.person, about.ahead)
        failure(report.plan.host.name, report.failure.as_error(), *told)
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
    keep_error(host, error)
    told = _told(error, host)
    name = f"{host}  " if host else ""
    _wrapped(name, "failed", told["error"], "red", "bold")
    _row("why ", told["why"])
    for line in redact.lines(map(one_line, told.get("log", ()))):
        for part in width.wrapped("  | ", line, width.room_on(_console.err)):
            tell(styled(part, "dim"))
    if serves is not None:
        _row("live", f"release {serves}" if serves else "nothing yet")
    _row("data", ahead)
    _row("look", person, "red", "bold")
    _row("next", told.get("next", ""))


def _told(error: FlaskwrightError, host: str | None) -> dict[str, Any]:
    """Return what is told of an error, its commands as they can be typed here."""
    ours = isinstance(error, UsageError)  # else they are lines of a program
    told = {
        "exit_code": error.exit_code,
        "error": hints.as_typed(error.what, host),
        "why": hints.as_typed(error.why, host),
        "log": [hints.as_typed(line, host) if ours else line for line in error.log],
        "next": hints.as_typed(error.next, host),
    }
    return {name: value for name, value in told.items() if value or name == "why"}


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
