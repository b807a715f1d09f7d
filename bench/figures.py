"""Figures: what was measured how often, and the targets that they are held against."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Samples = list[float]
Subjects = Mapping[str, Callable[[], float]]


@dataclass(frozen=True)
class Target:
    """A limit; `reached` says whether the figure is within."""

    text: str
    reached: bool


@dataclass(frozen=True)
class Figure:
    """One row of the table.

    name: what was measured. unit: of the samples, "s" or "bytes". beside: its ratio to another
    figure, in words. target: what it had to reach, if anything.
    """

    name: str
    samples: Samples
    unit: str = "s"
    beside: str = ""
    target: Target | None = None

    @property
    def median(self) -> float:
        """The middle of the samples."""
        return statistics.median(self.samples)

    def json(self) -> dict[str, Any]:
        """The figure as `--json` prints it."""
        target = {"text": self.target.text, "reached": self.target.reached} if self.target else None
        samples = [round(sample, 3) for sample in self.samples]
        about = {"name": self.name, "unit": self.unit, "beside": self.beside}
        return {**about, "median": round(self.median, 3), "samples": samples, "target": target}


@dataclass(frozen=True)
class Section:
    """Figures that belong together."""

    title: str
    figures: list[Figure] = field(default_factory=list)


def rounds(title: str, subjects: Subjects, runs: int) -> dict[str, Samples]:
    """Measure each subject once a round, in turn, so that all meet the same load."""
    samples: dict[str, Samples] = {name: [] for name in subjects}
    for number in range(1, runs + 1):
        for name, measure in subjects.items():
            seconds = measure()
            samples[name].append(seconds)
            tell(f"{title}  {number}/{runs}  {name}  {seconds:.2f} s")
    return samples


def warm(subjects: Subjects) -> None:
    """Measure each once for nothing: it fills caches, and tells whether all is as it should be."""
    for measure in subjects.values():
        measure()


def within(limit: float, median: float, text: str) -> Target:
    """A target that the median must not exceed."""
    return Target(f"≤ {limit:.2f} s ({text})", median <= limit)


def times(figure: Samples, other: Samples) -> float:
    """How many times as long as the other."""
    return statistics.median(figure) / statistics.median(other)


def ratio(figure: Samples, other: Samples, name: str) -> str:
    """The same in words."""
    return f"{times(figure, other):.2f} × {name}"


def tell(text: str) -> None:
    """Say what is going on."""
    print(text, file=sys.stderr, flush=True)
