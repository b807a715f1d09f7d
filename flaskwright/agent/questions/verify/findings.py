"""What was looked at, and whether it is as it should be: the rows of `verify`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Dict, Tuple

    Finding = Tuple[str, str]  # what was looked at, and its state

    Row = Dict[str, str]


OK = "ok"
WRONG = "wrong: "


def wrong(why: str) -> str:
    """Give the state of what is not as it should be; without a reason it is."""
    return WRONG + why if why else OK


def is_wrong(row: Row) -> bool:
    """Tell whether a row's state begins with the word for what is wrong."""
    return row["state"].startswith(WRONG)


def rows(heading: str, findings: Iterable[Finding]) -> Iterator[Row]:
    """Give the rows of a heading."""
    for looked_at, state in findings:
        yield {"heading": heading, "looked at": looked_at, "state": state}
