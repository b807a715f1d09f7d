"""The table at the end of a command for several hosts: how it ended on each, and what is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..report import console
from ..report.report import HostReport

if TYPE_CHECKING:
    from .lane import Lane

RESULTS = {
    0: "done",
    1: "failed",
    2: "would change",
    3: "look",
    4: "locked",
    5: "not reached",
    6: "left to it",
    64: "refused",
}


def show(lanes: Iterable[Lane]) -> None:
    """Print a row for each host."""
    rows = [(lane.host.name, *_row(lane)) for lane in lanes]
    console.say()
    console.table([("host", "result", ""), *rows])


def _row(lane: Lane) -> tuple[str, str]:
    if not lane.begun:
        return "not begun", ""
    result = RESULTS.get(lane.code, f"exit {lane.code}")
    if lane.error:
        return result, lane.error.what
    reports = [each for each in lane.results if isinstance(each, HostReport)]
    return result, _what(reports[-1]) if reports else ""


def _what(report: HostReport) -> str:
    """Say what a host serves, or what was changed there."""
    if report.failure:
        return report.failure.as_error().what
    told = (
        [f"release {report.about.release}"]
        if report.about.release is not None
        else _answered(report)
    )
    if report.changes:
        told.append(f"{len(report.changes)} of {len(report.outcomes)} {report.verb}")
    elif report.mode == "apply" and any(outcome.state == "ok" for outcome in report.outcomes):
        told.append("nothing to do")
    return ", ".join(told)


def _answered(report: HostReport) -> list[str]:
    """Return the release that a question was answered with, if it was about one."""
    answers = [outcome.answer or {} for outcome in report.outcomes]
    releases = [each["release"] for each in answers if isinstance(each.get("release"), str)]
    return [f"release {releases[0]}"] if releases else []
