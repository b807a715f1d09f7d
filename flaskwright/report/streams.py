"""Where output goes: two streams for all lanes, hosts' parts told apart, JSON in one piece."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from invoke import Exit

from .output import put


class Console:
    """Where output goes; one for a process, used by all lanes."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self.out, self.err = out, err
        self.as_json = False
        self.is_verbose = False
        self.asked: tuple[str, ...] = ()  # the hosts that -H names, as they were typed
        self._told: dict[str, Any] = {}
        self._hosts: dict[str, Any] = {}
        self._finished = False
        self._above = ""  # the host whose part stands above what comes next
        self._lane = threading.local()
        self._parts: set[str] = set()  # the hosts whose parts are told apart
        self._lock = threading.RLock()

    @contextmanager
    def part_of(self, host: str, *, at_once: bool) -> Iterator[None]:
        """Have what this thread says stand under a host's name: as it comes, or all at the end."""
        self._parts.add(host)
        self._lane.host, self._lane.kept = host, None if at_once else []
        try:
            yield
        finally:
            kept, self._lane.kept = self._lane.kept, None
            for text, file in kept or ():
                self._put(text, file)
            del self._lane.host

    def say(self, text: str = "") -> None:
        """Print a line of the result."""
        self._put(f"{text}\n", self.out)

    def tell(self, text: str = "") -> None:
        """Print a line of progress or of a failure."""
        with self._lock:
            put(text, self.err)

    def write(self, text: str, stream: str, host: str) -> None:
        """Print whole lines of a host's program to the stream that it wrote them to.

        Raises Exit when nobody reads them any more: the program may have no other end.
        """
        if not self._put(text, self.err if stream == "err" else self.out, host):
            raise Exit(code=1)

    def keep(self, host: str, value: dict[str, Any]) -> None:
        """Keep what `--json` prints for a host; several tasks on one host add up."""
        with self._lock:
            self._hosts.setdefault(host, {}).update(value)

    def keep_error(self, host: str | None, fields: dict[str, Any]) -> None:
        """Keep what went wrong: of no host alone, it is of each that was asked for, too."""
        with self._lock:
            self._told.update({} if host else fields)
            if host:
                self.keep(host, fields)
            for name in () if host else self.asked:
                self._hosts.setdefault(name, dict(fields))

    def finish(self) -> None:
        """Print the one JSON object, when it was asked for; lanes that are left say no more."""
        with self._lock:
            if self.as_json and not self._finished:
                self._finished = True
                told = {"hosts": self._hosts, **self._told}
                put(json.dumps(told, indent=2, sort_keys=True), self.out)

    def _put(self, text: str, file: TextIO, of: str = "") -> bool:
        """Print, under a host's name where it is a part; false when nobody reads it.

        of: the host, in a thread that is none of a lane.
        """
        kept = getattr(self._lane, "kept", None)
        if kept is not None:
            kept.append((text, file))
            return True
        with self._lock:
            host = getattr(self._lane, "host", "") or (of if of in self._parts else "")
            if host and host != self._above:
                put(f"{chr(10) if self._above else ''}==> {host} <==", self.out)
            self._above = host
            return put(text, file, end="")
