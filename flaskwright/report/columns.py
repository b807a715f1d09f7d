"""Rows as lines with columns, whoever said what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flaskwright.agent.common.text import one_line

from .width import columns_of, padded


def aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a line for each row, its cells one below the other; the last column is not padded.

    Rows may be of different lengths: the last cell of each follows on those before it.
    """
    shown = [tuple(map(one_line, row)) for row in rows if row]
    columns = range(max(map(len, shown), default=1) - 1)
    wide = [[columns_of(row[i]) for row in shown if i < len(row) - 1] for i in columns]
    widths = [max(column, default=0) for column in wide]
    for row in shown:
        cells = [padded(cell, width) for cell, width in zip(row[:-1], widths, strict=False)]
        yield "  ".join([*cells, row[-1]]).rstrip()
