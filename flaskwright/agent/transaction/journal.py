"""The journal of a transaction: its events, a line of JSON each, whole and on the disk."""

from __future__ import annotations

import contextlib
import json
import os

from ..common.text import cleaned
from ..engine.wire import packed
from .reserve import Reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Event = dict[str, Any]


LIGHT = ("progress", "start", "waiting")  # events that a power cut may take


class Journal:
    """Stands where a run has its wire otherwise: there is nobody to ask, and nobody who leaves."""

    stopping = False

    def __init__(self, path: str, state: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.open(path, flags, 0o600)
        self._reserve = Reserve(state)
        if os.fstat(self._file).st_size:
            os.write(self._file, b"\n")  # ends a line that a power cut has torn

    def send(self, event: Event) -> None:
        """Add an event; a full disk has room for it in the reserve."""
        event = cleaned(event)
        said = _said(event)
        if said:
            with contextlib.suppress(OSError):
                os.write(1, said.encode() + b"\n")  # systemd's journal, which `logs` shows
        self._write(packed(event) + b"\n")
        if event["event"] not in LIGHT:
            os.fsync(self._file)

    def _write(self, line: bytes) -> None:
        """Write all of a line; where the disk fills up within it, the rest goes on the reserve."""
        while line:
            try:
                line = line[os.write(self._file, line) :]
            except OSError:
                if not self._reserve.free():
                    raise

    def answer(self) -> bytes:
        """Answer nothing: whoever could has perhaps gone to bed."""
        return b""

    def gone(self) -> bool:
        """Give False: nobody reads a journal at its other end, so that nobody can leave."""
        return False


def events(path: str) -> Iterator[Event | None]:
    """Yield the events of a journal from its first, and None each time that there is no more yet.

    Ends with the last `end` or `locked` that is there: an undo that did not succeed is tried again
    after it, and at boot.
    """
    rest = b""
    with open(path, "rb") as file:
        while True:
            rest += file.read()
            *lines, rest = rest.split(b"\n")
            told = list(filter(None, map(_event, lines)))
            ends = [n for n, event in enumerate(told, 1) if event["event"] in ("end", "locked")]
            yield from told[: ends[-1] if ends else None]
            if ends:
                return
            yield None


def _said(event: Event) -> str:
    """Say a milestone in words; empty for other events."""
    if event["event"] == "phase":
        return str(event["name"])
    if event["event"] == "result" and event["state"] == "failed":
        return "failed: %s" % event["what"]
    return ""


def _event(line: bytes) -> Event | None:
    try:
        event: Event = json.loads(line.decode("ascii"))
    except ValueError:  # torn by a power cut
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None
