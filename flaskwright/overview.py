"""A guide beside a host: every heading with its tasks and what has been done of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .guide import Guide, Heading, guide_of
from .plan import plan
from .report import console
from .report.report import PENDING, HostReport, Outcome
from .run import runner

if TYPE_CHECKING:
    from .ssh.connection import Connection

Row = tuple[str, str, str]


def show(connection: Connection) -> None:
    """Print the headings of the host's guide with the state of each task on that host."""
    host = connection.host
    guide = guide_of(host)
    planned = guide.resources(host, "setup", "deploy")
    report = runner.execute(connection, plan.make(host, planned), "check")
    rows = list(_rows(guide, host_states(guide, report)))
    console.keep(host.name, {"guide": guide.name, "steps": [_entry(row) for row in rows]})
    console.say(f"{host.name} follows “{guide.title}”")
    console.table([("heading", "task", "state"), *rows])


def host_states(guide: Guide, report: HostReport) -> dict[str, str]:
    """Return `done` or `to do` for every step of the guide, by its name.

    A step is done when all that it yields, and so all that it stands on, is as it should be. What
    puts others in force is pending while any of them is: then it says nothing about a step.
    """
    outcomes = {outcome.id: outcome for outcome in report.outcomes}
    pending = {outcome.id for outcome in report.outcomes if outcome.state in PENDING}
    last = {item.resource.id for item in report.plan.items if item.resource.rank > 0}
    silent = last if pending - last else set()
    states = {}
    for step in guide.steps("setup", "deploy"):
        told = {item.resource.id for item in step.resources(report.plan.host)} - silent
        states[step.full_name] = _state([outcomes.get(each) for each in told])
    return states


def _state(outcomes: list[Outcome | None]) -> str:
    if any(outcome is None or outcome.state == "failed" for outcome in outcomes):
        return "to do (see --dry-run)"
    pending = any(outcome.state in PENDING for outcome in outcomes if outcome)
    return "to do" if pending else "done"


def _rows(guide: Guide, states: dict[str, str]) -> Iterator[Row]:
    for heading in guide.headings:
        yield from _rows_of(heading, states)


def _rows_of(heading: Heading, states: dict[str, str]) -> Iterator[Row]:
    title = heading.title
    for task in heading.tasks:
        yield title, task.full_name, states.get(task.full_name, "on request")
        title = ""
    if heading.by_hand:
        yield title, "-", f"by hand: {heading.by_hand}"
    if heading.later:
        yield title, "-", f"not yet in this version: {heading.later}"


def _entry(row: Row) -> dict[str, str]:
    return dict(zip(("heading", "task", "state"), row, strict=True))
