"""What systemd says of units, and its journal of what they have said, as far as it is believed.

Facts for decisions are properties that systemd gives, and the journal's fields that begin with an
underscore, which journald itself has written (systemd.journal-fields(7)). All else is said by the
app: it may be any bytes, several values, or none.
"""

from __future__ import annotations

import json
import re

from ..common import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


FIELDS = "--output-fields=MESSAGE,_PID,_SYSTEMD_UNIT"
OURS = re.compile("flaskwright[.]|flaskwright-[^@]*$")  # units, with names of earlier versions
OF_SYSTEMD = 200  # characters of a line of systemd's own
LONGEST = 1 << 20  # bytes of an entry


class Entry:
    """An entry of the journal: seconds since the epoch, who, what in lines, and its cursor."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.seconds = int(fields["__REALTIME_TIMESTAMP"]) / 1e6
        self.cursor = str(fields["__CURSOR"])
        self.lines = text.lines(message(fields.get("MESSAGE"))) or [""]
        if fields.get("_PID") == "1":  # it names a unit by all of its command line
            self.lines = [text.cut(line, OF_SYSTEMD) for line in self.lines]
        if OURS.match(str(fields.get("_SYSTEMD_UNIT", ""))):
            self.who = "deploy"
        else:
            self.who = "systemd" if fields.get("_PID") == "1" else "app"


def properties(said: str, names: Iterable[str]) -> dict[str, str]:
    """Give properties from what `systemctl show` says of a unit; empty those that it left out.

    Each stands in a line of its own, once, and only a newline ends it: what an app says as its
    status cannot become another property.
    """
    found = dict.fromkeys(names, "")
    for line in text.lines(said):
        name, _, value = line.partition("=")
        if name in found and not found[name]:
            found[name] = value
    return found


def entry(line: bytes) -> Entry | None:
    """Read a line of `journalctl --output=json`; None for one that is torn, or longer than read."""
    try:
        return Entry(json.loads(line.decode("utf-8", "replace")))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def message(value: Any) -> str:
    """Give a message as text: it comes as text, as a list of bytes, or as a list of either."""
    if value is None:
        return "(longer than the journal tells)"
    if not isinstance(value, list):
        return str(value)
    if all(isinstance(one, int) for one in value):
        return bytes(one & 255 for one in value).decode("utf-8", "replace")
    return "\n".join(map(message, value))
