"""The tables of what was chosen by a seed: how often it ended with the old or the new release."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.strace import HAPPENS

from .table import Stats, properties, row

Tally = dict[str, dict[str, Counter[str]]]  # by row and column


def lines(stats: Stats) -> Iterator[str]:
    """Give the lines of the tables, in Markdown; none where nothing of it was run."""
    calls: Tally = defaultdict(lambda: defaultdict(Counter))
    for happens, kind, outcome, code, *_ in properties(stats, "call"):
        calls[kind][happens][f"{outcome} ({code})"] += 1
    yield from _table("a call of the transaction", tuple(HAPPENS), calls)
    recoveries: Tally = defaultdict(lambda: defaultdict(Counter))
    for happens, kind, code, *_ in properties(stats, "recovery"):
        recoveries[kind][happens][f"({code})"] += 1
    yield from _table("a call of the recovery", tuple(HAPPENS), recoveries)
    instants: Tally = defaultdict(lambda: defaultdict(Counter))
    for kind, outcome, code, *_ in properties(stats, "instant"):
        instants[kind]["at a random instant"][f"{outcome} ({code})"] += 1
    yield from _table("", ("at a random instant",), instants)


def _table(what: str, columns: Sequence[str], tally: Tally) -> Iterator[str]:
    if not tally:
        return
    yield row(what, columns)
    yield row("---", ["---"] * len(columns))
    for name in sorted(tally):
        yield row(name, [_told(tally[name][column]) for column in columns])
    yield ""


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{number} × {what}" for what, number in counted.most_common())
