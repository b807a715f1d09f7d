"""A time as people type it, read by systemd, which knows the host's zone."""

from __future__ import annotations

import re

from ..engine.errors import Misused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.run import Run


SPAN = re.compile(r"\d+ ?[A-Za-z].*")  # "2h", "10 minutes": the time before now is meant
ISO = re.compile(r"(\d{4}-\d\d-\d\d)T([\d:.]+)(Z?)")  # as our own lines begin, which people copy
READ = re.compile(r"UNIX seconds: @([\d.]+)")


def seconds(typed: str, run: Run) -> float:
    """Give a time in seconds since the epoch; raises Misused for what is none."""
    for spelling in _spellings(typed):
        argv = ["systemd-analyze", "timestamp", "--", spelling]
        found = READ.search(run.command(argv, check=False).out)
        if found:
            return float(found.group(1))
    raise Misused(
        "%s is no time" % (typed or "nothing"),
        'It takes "2 hours ago", 2h, yesterday, 14:00, "2026-11-20 14:00" (in the host\'s time) '
        "and times as `logs` shows them.",
    )


def _spellings(typed: str) -> Iterator[str]:
    """Yield what is typed in systemd's words; before version 254 it knows no ISO 8601."""
    found = ISO.fullmatch(typed)
    if found:
        yield "%s %s%s" % (found.group(1), found.group(2), " UTC" if found.group(3) else "")
        return
    yield typed
    if SPAN.fullmatch(typed):
        yield typed + " ago"
