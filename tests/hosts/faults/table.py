"""The table at the end of a run: what came of each cell, and which were not run, and why."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

CELL = re.compile(r"test_faults\.py::test_one_release_or_the_other\[(.*) in (.*)]$")
LEFT_OUT = "not run"
Cell = tuple[str, str]


def lines(stats: Mapping[str, list[Any]], everything: bool) -> Iterator[str]:
    """Give the lines of the table; none where no cell was to be run."""
    for codes, times in at_once(stats).items():
        yield f"two deploys at once: exit codes {codes}, {times} times"
    told, reasons = outcomes(stats), skipped(stats)
    if not told and not reasons:
        return
    from .cells import CELLS, ORDER

    shown = {cell: told.get(cell, LEFT_OUT) for cell in CELLS}
    yield row("", ORDER)
    for fault in dict.fromkeys(fault for fault, _ in CELLS):
        yield row(fault, [shown.get((fault, phase), "-") for phase in ORDER])
    for reason, cells in reasons.items():
        yield f"not run: {', '.join(cells)}: {reason}"
    others = list(shown.values()).count(LEFT_OUT) - sum(map(len, reasons.values()))
    if others:
        why = "were not chosen" if everything else "are run with --faults only"
        yield f"not run: {others} other cells, which {why}"


def outcomes(stats: Mapping[str, list[Any]]) -> dict[Cell, str]:
    """Give what came of the cells that were run."""
    told = {}
    for report in stats.get("passed", []) + stats.get("failed", []) + stats.get("error", []):
        if cell := cell_of(report):
            told[cell] = "FAILED" if report.failed else told.get(cell, "passed")
        for name, value in report.user_properties if report.passed else []:
            if name == "cell":
                phase, fault, outcome, code = json.loads(value)
                told[fault, phase] = f"{outcome} ({code})"
    return told


def at_once(stats: Mapping[str, list[Any]]) -> Counter[str]:
    """Give the exit codes of two deploys at once, and how often it were these."""
    properties = [each for report in stats.get("passed", []) for each in report.user_properties]
    return Counter(value for name, value in properties if name == "at once")


def skipped(stats: Mapping[str, list[Any]]) -> dict[str, list[str]]:
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


def row(first: str, cells: Any) -> str:
    """Give a line of the table."""
    return f"{first:22}" + "".join(f"{text:14}" for text in cells).rstrip()
