"""nginx's error log, which all sites of a host share."""

from __future__ import annotations

import os
import re
import time

from ...common import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...common.place import Place


PATH = "/var/log/nginx/error.log"
STAMP = len("2026/11/20 14:00:00 ")
MOST = 1 << 22  # bytes that are read, the last ones


def of_site(place: Place, names: tuple[str, ...]) -> Callable[[str], bool]:
    """Give a function that tells the lines of an app's site; `names` are those of its servers."""
    servers = "|".join(re.escape(name.lstrip("~")) for name in names)  # as nginx logs a pattern
    pattern = re.compile(r"server: (?:%s)(?:,|$)|unix:%s:" % (servers, re.escape(place.door)))
    return lambda line: bool(pattern.search(line))


def size() -> int:
    """Give how long the log is, in bytes."""
    try:
        return os.stat(PATH).st_size
    except FileNotFoundError:
        return 0


def lines() -> list[str]:
    """Give the last lines, with those from before the log was last rotated."""
    return _last_lines(PATH + ".1") + _last_lines(PATH)


def seconds(line: str) -> float:
    """Give when a line was written, in seconds since the epoch; nginx writes local time."""
    try:
        return time.mktime(time.strptime(line[:STAMP], "%Y/%m/%d %H:%M:%S "))
    except ValueError:
        return 0.0


def _last_lines(path: str) -> list[str]:
    try:
        with open(path, "rb") as file:
            start = max(0, os.fstat(file.fileno()).st_size - MOST)
            file.seek(start)
            told = text.lines(file.read(MOST), most=MOST)
            return told[1:] if start else told  # the first one may have lost its beginning
    except FileNotFoundError:
        return []
