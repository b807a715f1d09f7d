"""What the app, systemd and nginx have said of a site, in one order; and what they say next."""

from __future__ import annotations

import contextlib
import json
import re
import time

from . import errorlog
from .command import started
from .handler import Act, Failed, handles
from .service import SLOTS
from .streaming import Streams, ended
from .unitnames import known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Tuple

    from .handler import State
    from .run import Run

    Entry = Tuple[float, str, str]  # seconds since the epoch, who, what

OURS = re.compile("flaskwright[.]|flaskwright-[^@]*$")  # with the names of earlier versions


@handles("logs")
class Logs(Act):
    """The journal of the app and of its transactions, and nginx's error log of its site."""

    reads = True
    app_root: str
    app: str
    names: tuple[str, ...]
    lines: int
    since: str
    grep: str
    follow: bool

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.pattern = re.compile(self.grep)
        self.site = errorlog.of_site(self.app, self.names)
        self.cursor = ""

    def act(self) -> State:
        """Send the last lines, and with `follow` what comes, until the operator goes."""
        since = self._seconds() if self.since else 0.0
        begun, size = time.time(), errorlog.size()
        told = self._journal(since) + self._nginx(since)
        in_order = sorted(told, key=lambda entry: entry[0])
        for entry in in_order[-self.lines :] if self.lines else ():
            self._send(entry)
        if self.follow:
            self._follow(begun, size)
        return {}

    def _seconds(self) -> float:
        analyze = ["systemd-analyze", "timestamp", "--", self.since]
        found = re.search(r"UNIX seconds: @([\d.]+)", self.run.command(analyze, check=False).out)
        if found:
            return float(found.group(1))
        why = 'systemd.time(7) knows "2 hours ago", yesterday, "2026-11-20 14:00"'
        raise Failed("--since %s is no time" % self.since, why)

    def _journalctl(self, *arguments: str) -> list[str]:
        names = ["%s@%d.service" % (self.app, slot) for slot in SLOTS]
        names += [self.app + ".socket", *known("transaction", self.app)]
        units = ["--unit=" + name for name in names]
        return ["journalctl", "--quiet", "--all", "--output=json", *units, *arguments]

    def _journal(self, since: float) -> list[Entry]:
        """Read backwards until there are enough lines that match."""
        found: list[Entry] = []
        argv = self._journalctl("--reverse", "--since=@%.6f" % since)
        with started(argv, {}) as process:
            for line in process.stdout or ():
                entry, cursor = _entry(line)
                self.cursor = self.cursor or cursor
                if len(found) >= self.lines:
                    break
                found += [entry] if self.pattern.search(entry[2]) else []
            ended(process)
        return found[::-1]

    def _nginx(self, since: float) -> list[Entry]:
        lines = filter(self.site, errorlog.lines())
        entries = [_said(line) for line in lines]
        return [each for each in entries if each[0] >= since and self.pattern.search(each[2])]

    def _follow(self, begun: float, size: int) -> None:
        where = "--after-cursor=" + self.cursor if self.cursor else "--since=@%.6f" % begun
        streams = Streams(self.run)
        with contextlib.ExitStack() as running:
            for argv, take in (
                (self._journalctl("--follow", "--lines=all", where), self._take_journal),
                (["tail", "--bytes=+%d" % (size + 1), "-F", errorlog.PATH], self._take_nginx),
            ):
                process = started(argv, {})
                running.callback(ended, process)
                streams.add(process.stdout, take)
            streams.flow(lambda: False)

    def _take_journal(self, text: str) -> None:
        for line in text.splitlines():
            self._send_matching(_entry(line.encode())[0])

    def _take_nginx(self, text: str) -> None:
        for line in filter(self.site, text.splitlines()):
            self._send_matching(_said(line))

    def _send_matching(self, entry: Entry) -> None:
        if self.pattern.search(entry[2]):
            self._send(entry)

    def _send(self, entry: Entry) -> None:
        seconds, who, what = entry
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
        text = "".join("%s  %-7s  %s\n" % (stamp, who, line) for line in what.splitlines() or [""])
        self.run.event("output", stream="out", text=text)


def _entry(line: bytes) -> tuple[Entry, str]:
    """Read a line of journalctl's JSON; gives the entry and its cursor."""
    fields = json.loads(line.decode("utf-8", "replace"))
    said = fields.get("MESSAGE") or ""
    if isinstance(said, list):  # what is not UTF-8 comes as numbers
        said = bytes(said).decode("utf-8", "replace")
    who = "systemd" if fields.get("SYSLOG_IDENTIFIER") == "systemd" else "app"
    if OURS.match(fields.get("_SYSTEMD_UNIT", "")):
        who = "deploy"
    return (int(fields["__REALTIME_TIMESTAMP"]) / 1e6, who, said), fields["__CURSOR"]


def _said(line: str) -> Entry:
    """Read a line of nginx's error log."""
    return errorlog.seconds(line), "nginx", line[errorlog.STAMP :]
