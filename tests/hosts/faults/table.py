"""The table at the end of a run: what came of each cell, and which were not run, and why."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CELL = re.compile(r"test_faults\.py::test_one_release_or_the_other\[(.*) in (.*)]$")
LEFT_OUT = "not run"
Cell = tuple[str, str]
Stats = Mapping[str, list[Any]]


@dataclass(frozen=True)
class Visit:
    """What visitors saw in one trial; `longest` in seconds."""

    trial: str
    asked: int
    failed: int
    longest: float


def lines(stats: Stats, everything: bool) -> Iterator[str]:
    """Give the lines of the table, in Markdown; none where no cell was to be run."""
    told, reasons = outcomes(stats), skipped(stats)
    if told or reasons:
        yield from _matrix(told, reasons, everything)
    for codes, times in at_once(stats).items():
        yield f"two deploys at once: exit codes {codes}, {times} times"
    if seen := visits(stats):
        slowest = sorted(seen, key=lambda visit: visit.longest, reverse=True)[:3]
        longest = ", ".join(f"{one.longest:.2f} s ({one.trial})" for one in slowest)
        asked, failed = (sum(getattr(one, name) for one in seen) for name in ("asked", "failed"))
        yield f"visitors in {len(seen)} trials: {asked:,} requests, {failed} failed;"
        yield f"the longest times without an answer: {longest}"


def _matrix(
    told: Mapping[Cell, str], reasons: Mapping[str, list[str]], everything: bool
) -> Iterator[str]:
    from .cells import CELLS
    from .phases import PHASES

    shown = {cell: told.get(cell, LEFT_OUT) for cell in CELLS}
    yield row("", PHASES)
    yield row("---", ["---"] * len(PHASES))
    for fault in dict.fromkeys(fault for fault, _ in CELLS):
        yield row(fault, [shown.get((fault, phase), "") for phase in PHASES])
    yield ""
    for reason, cells in reasons.items():
        yield f"not run: {', '.join(cells)}: {reason}"
    others = list(shown.values()).count(LEFT_OUT) - sum(map(len, reasons.values()))
    if others:
        why = "were not chosen" if everything else "are run with --whole only"
        yield f"not run: {others} other cells, which {why}"


def outcomes(stats: Stats) -> dict[Cell, str]:
    """Give what came of the cells that were run."""
    told: dict[Cell, str] = {}
    for report in stats.get("passed", []) + stats.get("failed", []) + stats.get("error", []):
        if cell := cell_of(report):
            told[cell] = "FAILED" if report.failed else told.get(cell, "passed")
    for fault, phase, outcome, code, _ in properties(stats, "cell"):
        told[fault, phase] = f"{outcome} ({code})"
    return told


def at_once(stats: Stats) -> Counter[str]:
    """Give the exit codes of two deploys at once, and how often it were these."""
    return Counter(codes for codes, _ in properties(stats, "at once"))


def visits(stats: Stats) -> list[Visit]:
    """Give what the visitors saw, of each trial whose host was not off."""
    cells = [(f"{cell[0]} in {cell[1]}", cell[-1]) for cell in properties(stats, "cell")]
    pairs = [("two at once", seen) for _, seen in properties(stats, "at once")]
    return [
        Visit(trial, seen["asked"], seen["failed"], seen["longest"])
        for trial, seen in cells + pairs
        if seen
    ]


def properties(stats: Stats, wanted: str) -> Iterator[list[Any]]:
    """Yield what the trials that passed have recorded under a name."""
    for report in stats.get("passed", []):
        for name, value in report.user_properties:
            if name == wanted:
                yield json.loads(value)


def skipped(stats: Stats) -> dict[str, list[str]]:
    """Give the cells that could not be run, by reason."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for report in stats.get("skipped", []):
        if cell := cell_of(report):
            reasons[report.longrepr[2].removeprefix("Skipped: ")].append(" in ".join(cell))
    return reasons


def cell_of(report: Any) -> Cell | None:
    """Give the cell that a report is about."""
    found = CELL.search(report.nodeid)
    return (found[1], found[2]) if found else None


def row(first: str, cells: Sequence[str]) -> str:
    """Give a line of the table."""
    return f"| {' | '.join([first, *cells])} |"
