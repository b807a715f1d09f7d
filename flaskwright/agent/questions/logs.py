"""What the app, systemd and nginx have said of a site, in one order; and what they say next."""

from __future__ import annotations

import contextlib
import re
import time

from ..common import text
from ..engine.command import started
from ..engine.handler import Act, handles
from ..engine.streaming import Streams, lines_of
from ..engine.watch import ended
from ..processes.routine_lines import is_ordinary
from ..system import systemd, timestamp
from ..web.nginx import error_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Tuple

    from ..engine.handler import State
    from ..engine.run import Run

    Told = Tuple[float, str, List[str]]  # seconds since the epoch, who, what in lines


AT_ONCE = 8  # lines of an event; each may be long


@handles("logs")
class Logs(Act):
    """The journal of the app, and nginx's error log of its site.

    everything: also what is ordinary, and what the app's transactions, canaries and commands say.
    """

    reads = True
    lines: int
    since: str
    grep: str
    follow: bool
    everything: bool

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.pattern = re.compile(self.grep)
        self.site = error_log.of_site(run.place, run.site.names)
        self.cursor = ""

    def act(self) -> State:
        """Send the last lines, and with `follow` what comes, until the operator goes."""
        since = timestamp.seconds(self.since, self.run) if self.since else 0.0
        begun, size = time.time(), error_log.size()
        told = self._journal(since) + self._nginx(since)
        in_order = sorted(told, key=lambda entry: entry[0])
        for told_once in in_order[-self.lines :] if self.lines else ():
            self._send(told_once)
        if self.lines and not told:
            self.run.notice(self._nothing())
        if self.follow:
            self.run.event("output", stream="out", text="")  # the screen is left to what comes
            self._follow(begun, size)
        return {}

    def _nothing(self) -> str:
        """Say that there is nothing to show, and where else to look."""
        since = " since then" if self.since else ""
        about = " that --grep matches" if self.grep else ""
        said = "%s, its service and nginx have said nothing%s%s" % (
            self.run.place.name,
            since,
            about,
        )
        if self.follow:
            return said + "; what comes is shown here, until Ctrl-C"
        starts = "" if self.everything else "--all shows starts, stops and deploys, too; "
        return said + "; %s./fab status tells how it is" % starts

    def _journalctl(self, *arguments: str) -> list[str]:
        place = self.run.place
        names = [*place.slot_units, place.socket_unit]
        if self.everything:
            names += [place.unit("*") + ".service", *place.units("transaction")]
        units = ["--unit=" + name for name in names]
        form = ["--quiet", "--all", "--output=json", systemd.FIELDS]
        return ["journalctl", *form, *units, *arguments]

    def _journal(self, since: float) -> list[Told]:
        """Read backwards until there are enough lines that match."""
        found: list[Told] = []
        argv = self._journalctl("--reverse", "--since=@%.6f" % since)
        with started(argv, {}) as process:
            for line in lines_of(process.stdout, systemd.LONGEST):
                entry = systemd.entry(line)
                if entry is None:
                    continue
                self.cursor = self.cursor or entry.cursor
                if len(found) >= self.lines:
                    break
                told = self._told(entry)
                found += [told] if told else []
            ended(process)
        return found[::-1]

    def _told(self, entry: systemd.Entry) -> Told | None:
        """Give an entry as it is sent; None for one that nobody has asked for."""
        told = (entry.seconds, entry.who, entry.lines)
        return told if self._is_asked_for(told) else None

    def _nginx(self, since: float) -> list[Told]:
        told = map(_said, filter(self.site, error_log.lines()))
        return [each for each in told if each[0] >= since and self._is_asked_for(each)]

    def _follow(self, begun: float, size: int) -> None:
        where = "--after-cursor=" + self.cursor if self.cursor else "--since=@%.6f" % begun
        streams = Streams(self.run)
        with contextlib.ExitStack() as running:
            for argv, take in (
                (self._journalctl("--follow", "--lines=all", where), self._take_journal),
                (["tail", "--bytes=+%d" % (size + 1), "-F", error_log.PATH], self._take_nginx),
            ):
                process = started(argv, {})
                running.callback(ended, process)
                streams.add(process.stdout, take, systemd.LONGEST)
            streams.flow(lambda: False)

    def _take_journal(self, said: str) -> None:
        for line in said.split("\n"):
            entry = systemd.entry(line.encode("utf-8", "replace"))
            told = self._told(entry) if entry else None
            if told:
                self._send(told)

    def _take_nginx(self, said: str) -> None:
        for line in filter(self.site, text.lines(said)):
            told = _said(line)
            if self._is_asked_for(told):
                self._send(told)

    def _is_asked_for(self, told: Told) -> bool:
        is_noise = not self.everything and all(is_ordinary(line, told[1]) for line in told[2])
        return not is_noise and bool(self.pattern.search("\n".join(told[2])))

    def _send(self, told: Told) -> None:
        seconds, who, what = told
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
        lines = ["%s  %-7s  %s\n" % (stamp, who, line) for line in what]
        for first in range(0, len(lines), AT_ONCE):
            self.run.event("output", stream="out", text="".join(lines[first : first + AT_ONCE]))


def _said(line: str) -> Told:
    """Read a line of nginx's error log."""
    return error_log.seconds(line), "nginx", [line[error_log.STAMP :]]
