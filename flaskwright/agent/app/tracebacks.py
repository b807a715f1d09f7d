"""What of a long traceback is about the app."""

from __future__ import annotations

import re

# its last line
EXCEPTION = re.compile(
    r"[A-Za-z_][\w.]*(Error|Exception|Exit|Warning|Interrupt)\b|"
    r"[a-z_]\w*(\.\w+)*\.[A-Z][a-z]\w*(: |$)"
)
SHOWN, FIRST = 15, 3  # lines of a traceback; of these, where it passes the app
FRAME = re.compile(r'Traceback \(|During handling of |The above exception |  File "|    ')
# What systemd and gunicorn say of any app that does not come up.
NOISE = re.compile(
    r"^((Start|Stopp|Reload)(ing|ed)|Failed to start|Listening on|Closed|Job for|See [\"'`])\b|"
    r"^\S+\.(service|socket): |^\[[\d: +-]+\] \[\d+\] \[(INFO|ERROR|WARNING|CRITICAL)\] |"
    r"^\[(SQL|parameters): |^\(Background on this error"
)


def exception_in(lines: list[str]) -> str:
    """Give the line that ends the first traceback; empty where there is none."""
    return next((line for line in lines if EXCEPTION.match(line)), "")


def from_the_app(lines: list[str], release: str) -> list[str]:
    """Give the first traceback that passes the app's own code, from there to its end.

    Without such a frame the last lines are given, without those of other people's frames; of a
    long one where it begins, and its end. `release` is the directory of the release.
    """
    places = (release + "/code/", release + "/project/")
    own = [number for number, line in enumerate(lines) if any(map(line.__contains__, places))]
    told = lines[own[0] :] if own else [line for line in lines if not FRAME.match(line)]
    ends = [number for number, line in enumerate(told) if own and EXCEPTION.match(line)]
    told = told[: ends[0] + 1] if ends else told
    if own and len(told) > SHOWN:
        return [*told[:FIRST], "    …", *told[FIRST + 1 - SHOWN :]]
    return told[-SHOWN:]


def in_release(lines: list[str], release: str) -> list[str]:
    """Give lines whose paths are told from the release on."""
    return [line.replace(release + "/", "") for line in lines]
