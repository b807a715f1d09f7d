"""Runs a plan on a host: one exec, events to the console, a report back."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from flaskwright.agent.common.subject import Subject

from ..errors import Locked
from ..link import ending, transport
from ..link.events import Event, Nonsense
from ..plan import plan
from ..plan.plan import Mode, Plan
from ..report import console, hints
from ..report.report import HostReport, Outcome
from ..resources.base import Planned
from ..secrets.entries import Entries
from ..workstation.supply import Need
from . import supplies

if TYPE_CHECKING:
    from ..inventory import Host
    from ..link.byte_streams import ByteStreams
    from ..report.progress import Progress
    from ..ssh.connection import Connection

MOST_RESULTS = 10_000  # of a plan, or of a transaction that is followed


class Yielding(Protocol):
    """A task that yields resources."""

    kind: str

    def resources(self, host: Host, **options: Any) -> Iterable[Planned]:
        """What the task yields for `host`."""


def run(
    connection: Connection,
    calls: Iterable[tuple[Yielding, dict[str, Any]]],
    *,
    dry_run: bool = False,
) -> HostReport:
    """Run tasks with their options on the connection's host, as one plan, and show what came of it.

    Raises Unreachable, Locked or LeftToHost, and UsageError where a secret is missing that would
    have to be brought to the host; a resource that failed is in the report.
    """
    host, calls = connection.host, list(calls)
    transport.begin(connection)
    planned = [item for task, options in calls for item in task.resources(host, **options)]
    asked = all(task.kind == "question" for task, _ in calls)
    mode: Mode = "check" if dry_run or connection.config.run.dry or asked else "apply"
    entries = _entries(host)
    supplies.look_before(planned, Need(host, mode, entries))
    report = execute(connection, plan.make(host, planned), mode, entries)
    console.result(report)
    return report


def execute(
    connection: Connection,
    todo: Plan,
    mode: Mode,
    entries: Entries | None = None,
    streams: ByteStreams | None = None,
) -> HostReport:
    """Send the plan in `mode` and collect the agent's events; shows progress, prints no result.

    streams: ours, where a program there is joined to them byte for byte. The app's secrets are
    hidden in all that the host says, as far as they can be read here.
    Raises StepFailed or NeedsPerson where the host has come to an end that the plan does not have.
    """
    entries = entries or _entries(todo.host)
    if entries:
        entries.hide()
    need = Need(todo.host, mode, entries, connection.config_file)
    report, started = HostReport(todo, mode), time.monotonic()
    with console.progress(todo, mode, connection) as show:
        on_want = partial(_want, show, supplies.answers(todo, need))
        connection.on_wait = show.waits
        heard = partial(_hear, report, show, streams)
        given, sent = streams.give if streams else None, todo.payload(mode)
        transport.exchange(connection, sent, on_event=heard, on_want=on_want, on_stdin=given)
    report.seconds = time.monotonic() - started
    if report.unanswered:
        raise ending.unanswered(todo.host.name, mode, report.unanswered)
    return report


def _want(show: Progress, answer: transport.OnWant, name: str, value: Any) -> bytes:
    show({"event": "want"})
    return answer(name, value)


def _hear(report: HostReport, show: Progress, streams: ByteStreams | None, event: Event) -> None:
    """Take an event of the agent: into the report, to the screen, to who reads a program."""
    host = report.plan.host.name
    event = hints.in_event(event, host)
    _note(report, event)
    show(event)
    if event["event"] == "output":
        console.output(host, event["text"], event["stream"])
    elif event["event"] == "bytes" and streams:
        streams.take(base64.b64decode(event["data"]), event["stream"])


def _note(report: HostReport, event: Event) -> None:
    match event["event"]:
        case "result" if len(report.outcomes) > MOST_RESULTS:
            raise Nonsense("More results than there can be")
        case "result":
            report.outcomes.append(_outcome(event, report))
        case "output" if console.is_json():
            report.output.append(event["text"])
        case "end":
            report.about = Subject(event.get("facts"))
        case "locked":
            raise Locked(
                f"{report.plan.host.name} is locked: {event['what']}, "
                f"by {event['who']} since {event['since']}",
                next="wait until it is done, then run the same command again",
            )


def _outcome(event: Event, report: HostReport) -> Outcome:
    """Return a result; what belongs to no step is put down to what was typed, the first one."""
    fields = {key: value for key, value in event.items() if key in Outcome.__dataclass_fields__}
    fields.setdefault("step", next(iter(report.plan.steps), ""))
    for key in ("diff", "log"):
        fields[key] = tuple(fields.get(key, ()))
    return Outcome(**fields)


def _entries(host: Host) -> Entries | None:
    """Return the entries of the host's app, if it has any."""
    return Entries(host) if host.app and host.app.entries else None
