"""The figures as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench.figures import Figure, Section

HEAD = "| measured | runs | median | lowest to highest | beside | target | |"


def table(sections: Iterable[Section]) -> str:
    """One table; a section's title is a row of its own."""
    lines = [HEAD, "| --- | ---: | ---: | ---: | --- | --- | --- |"]
    for section in sections:
        lines.append(f"| **{section.title}** | | | | | | |")
        lines += map(_row, section.figures)
    return "\n".join(lines)


def _row(figure: Figure) -> str:
    return f"| {' | '.join(_cells(figure))} |"


def _cells(figure: Figure) -> Iterator[str]:
    several = len(figure.samples) > 1
    lowest, highest = min(figure.samples), max(figure.samples)
    yield figure.name
    yield str(len(figure.samples)) if several else ""
    yield f"{_number(figure.median, figure.unit)} {figure.unit}"
    yield f"{_number(lowest, figure.unit)} – {_number(highest, figure.unit)}" if several else ""
    yield figure.beside
    yield figure.target.text if figure.target else ""
    yield ("pass" if figure.target.reached else "**missed**") if figure.target else ""


def _number(value: float, unit: str) -> str:
    return f"{value:,.2f}" if unit == "s" else f"{value:,.0f}"
