"""Memory: whether a second generation of processes fits beside the first."""

from __future__ import annotations

import math
import re

from . import disk

MARGIN = 1.5  # the new generation may be larger, and others want some too


def fits(processes: list[int]) -> bool:
    """Tell whether as much as these processes take, and half of it, is free; unknown counts."""
    return available() > MARGIN * sum(map(_taken, processes))


def available() -> float:
    """Give how much is free for new processes in KiB (proc(5), MemAvailable); unknown: no end."""
    return _field("/proc/meminfo", "MemAvailable") or math.inf


def _taken(pid: int) -> int:
    """Give what a process takes in KiB, its share of what several use (proc(5), Pss)."""
    return _field("/proc/%d/smaps_rollup" % pid, "Pss")


def _field(path: str, name: str) -> int:
    try:
        text = (disk.read(path) or b"").decode("ascii", "replace")
    except OSError:  # the process has ended
        return 0
    found = re.search(r"^%s:\s*(\d+) kB" % name, text, re.MULTILINE)
    return int(found.group(1)) if found else 0
