"""What came of a plan, as lines: answers, what a dry run would do, a summary, and the site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flaskwright.agent.common.text import one_line

from ..secrets.redactor import redact
from . import (
    columns,
    hints,
    status_lines,
    verify_lines,
)
from .report import PENDING, HostReport, Outcome
from .width import command, wrapped

if TYPE_CHECKING:
    from ..inventory import Host

Answer = dict[str, Any]
# kinds of resources whose answers have a form of their own
FORMS: dict[str, Callable[[Answer, Host, int | None], Iterable[str]]] = {
    "app-status": status_lines.lines,
    "verify": verify_lines.lines,
}


def about(outcome: Outcome) -> str:
    """Return which resource an outcome is of, and of which step."""
    return one_line(f"{outcome.id}  ({outcome.step})")


def told(outcome: Outcome, host: Host, room: int | None) -> Iterator[str]:
    """Yield what an outcome has to tell: what would change, or an answer; `room` as in `site`."""
    if outcome.state in PENDING:
        for line in redact.lines(map(one_line, outcome.diff)):
            yield f"    {line}"
        if outcome.note:
            yield f"    {one_line(outcome.note)}"
    elif outcome.answer is not None:
        form = FORMS.get(outcome.kind)
        yield from form(outcome.answer, host, room) if form else _plain(outcome.answer)


def summary(report: HostReport) -> Iterator[str]:
    """Yield a line that says how much there was to do, and how long it took."""
    host, count = report.plan.host, len(report.changes)
    seconds = f"{report.seconds:.1f} s"
    done = any(outcome.state == "done" for outcome in report.outcomes)
    if done and not count and not report.is_about_a_release:
        return
    if report.failure and not count and report.mode == "check":
        return  # a question changes nothing
    if report.failure:
        yield f"{host.name}  {count} {report.verb} before it  {seconds}"
    elif count:
        yield f"{host.name}  {count} of {len(report.outcomes)} {report.verb}  {seconds}"
    else:
        yield f"{host.name}  nothing to do, {len(report.outcomes)} checked  {seconds}"


def site(report: HostReport, room: int | None) -> Iterator[str]:
    """Yield where the site is, what serves it, how to look at it, and how to undo the deploy.

    In lines of so many columns; None: however long. A command that is longer is broken as a shell
    reads it, so that it can be copied.
    """
    host, about = report.plan.host, report.about
    yield host.url
    yield f"  release {one_line(about.release or 'unknown')}"
    commit = one_line(about.commit or "")[:7]
    if commit:
        yield from wrapped(f"  commit  {commit}  ", one_line(about.subject), room)
    yield from command("  look    ", host.look, room)
    if about.undo:
        undo = hints.as_typed(f"./fab {one_line(about.undo)}", host.name)
        yield from command("  undo    ", undo, room)


def _plain(answer: Answer) -> Iterator[str]:
    for key, value in answer.items():
        if not isinstance(value, list):
            yield one_line(f"{key}: {value}")
        elif not value:
            yield one_line(f"{key}: none")
        elif all(isinstance(row, dict) for row in value):
            rows = [tuple(map(_cell, row.items())) for row in value]
            yield from columns.aligned([tuple(value[0]), *rows])
        else:
            yield one_line(f"{key}:")
            for line in value:
                yield f"    {one_line(str(line))}"


def _cell(item: tuple[str, Any]) -> str:
    """Return a row's entry as it is shown: a commit as git shortens it, a fact by its name."""
    key, value = item
    if isinstance(value, bool):
        return key if value else ""
    return str(value)[:12] if key == "commit" else str(value)
