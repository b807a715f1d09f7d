"""Units of systemd: enabled or not, running or not, started again."""

from __future__ import annotations

import glob
import os
import re
import time

from ..engine.errors import Failed, NotYet
from ..engine.handler import Act, Handler, handles
from . import ports, systemd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.handler import State
    from ..engine.run import Run


PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "NeedDaemonReload",
    "DropInPaths",
    "MainPID",
    "Result",
    "StatusText",
)

ENDED = ("inactive", "failed")

TOO_OFTEN = "start-limit-hit"

LIBRARIES = tuple("/lib/%slibsystemd-shared-*.so" % place for place in ("systemd/", "*/systemd/"))

LONGEST = 300.0  # seconds; what is ordinary takes less

FIXED = ("static", "alias", "indirect", "generated", "transient")  # nothing to enable


@handles("unit")
class Unit(Handler):
    """A unit that runs now, comes up at boot, and is known to systemd as it is on the disk."""

    keys = ("fresh", "enabled", "running")
    unit: str
    running: bool | None
    enabled: bool | None
    fresh: bool | None

    def actual(self) -> State:
        """Read all with one `systemctl show`; a unit that is not there is known later, or fails."""
        shown = unit_state(self.run, self.unit)
        if shown["LoadState"] in ("not-found", "masked") or not shown["LoadState"]:
            return self._missing(shown["LoadState"])
        enabled = shown["UnitFileState"]
        return {
            "fresh": self._is_known(shown) and not self._to_be_written(),
            "enabled": self.enabled if enabled in FIXED else enabled == "enabled",
            "running": shown["ActiveState"] in ("active", "reloading"),
        }

    def fix(self, differing: list[str]) -> None:
        """Reload systemd, then enable and start, or disable and stop, as far as they differ."""
        if "fresh" in differing:
            self.run.command(["systemctl", "daemon-reload"], timeout=90)
        if "enabled" in differing:
            verb = "enable" if self.enabled else "disable"
            self.run.command(["systemctl", verb, self.unit], timeout=90)
        if "running" in differing:
            self._start_or_stop()

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name what systemd would be asked for: daemon-reload, enable, disable, start, stop."""
        words = {
            "fresh": "daemon-reload",
            "enabled": ("enable " if self.enabled else "disable ") + self.unit,
            "running": ("start " if self.running else "stop ") + self.unit,
        }
        return [words[key] for key in differing]

    def _start_or_stop(self) -> None:
        if self.running:
            start(self.run, self.unit)
        else:
            self.run.command(["systemctl", "stop", self.unit], timeout=LONGEST)

    def _is_known(self, shown: dict[str, str]) -> bool:
        """NeedDaemonReload overlooks a drop-in whose directory is newer than the last reload."""
        ours = set(glob.glob("/etc/systemd/system/%s.d/*.conf" % self.unit))
        return shown["NeedDaemonReload"] == "no" and ours <= set(shown["DropInPaths"].split())

    def _to_be_written(self) -> bool:
        """In a dry run: whether the unit's file is among what would change."""
        path = "/etc/systemd/system/" + self.unit
        ours = ("file:" + path, "link:" + path, "file:" + path + ".d/")
        changes = [name for name in self.run.states if name in ours or name.startswith(ours[2])]
        return self.run.checking and any(map(self.run.changed, changes))

    def _missing(self, load_state: str) -> State:
        if load_state == "masked":
            step = "sudo systemctl unmask " + self.unit
            raise Failed("%s is masked" % self.unit, "somebody has locked it away", next=step)
        if not self.running and not self.enabled:
            return self.wanted()
        if self.run.checking:
            raise NotYet("the unit %s is there" % self.unit)
        raise Failed("%s is not there" % self.unit, "systemd knows no unit of that name")


def unit_state(run: Run, unit: str) -> dict[str, str]:
    """Read PROPERTIES of a unit; a unit that is not there has LoadState not-found."""
    return units_state(run, [unit])[unit]


def units_state(run: Run, units: Sequence[str]) -> dict[str, dict[str, str]]:
    """Read PROPERTIES of several units with one `systemctl show`, which keeps their order."""
    argv = ["systemctl", "show", "-p", ",".join(PROPERTIES), "--", *units]
    blocks = run.command(argv, timeout=30).out.split("\n\n")
    if len(blocks) != len(units):
        raise Failed("systemctl has not answered for each of %s" % ", ".join(units))
    return {unit: systemd.properties(text, PROPERTIES) for unit, text in zip(units, blocks)}  # noqa: B905 - Python 3.7


def has_ended(run: Run, unit: str) -> bool:
    """Tell whether nothing of a unit runs, nor is about to."""
    return unit_state(run, unit)["ActiveState"] in ENDED


def systemd_version() -> int:
    """Give the version of this host's systemd, as the name of its library says; 0: unknown."""
    names = [os.path.basename(path) for pattern in LIBRARIES for path in glob.glob(pattern)]
    numbers = [int(number) for name in names for number in re.findall(r"\d+", name)]
    return max(numbers, default=0)


def start(run: Run, unit: str, verb: str = "start", longest: float = LONGEST) -> None:
    """Start (or restart, or reload) a unit; Failed with its journal, and who holds its port."""
    began, argv = time.time(), ["systemctl", verb, unit]
    output = run.command(argv, check=False, timeout=longest)
    if output.status and unit_state(run, unit)["Result"] == TOO_OFTEN:
        run.command(["systemctl", "reset-failed", unit], check=False, timeout=30)
        output = run.command(argv, check=False, timeout=longest)
    if output.status == 0:
        return
    log = journal(run, unit, since=began) or output.tail()
    raise Failed("%s does not %s" % (unit, verb), _reason(log, output.lines[:1]), log)


def journal(run: Run, unit: str, lines: int = 15, since: float = 0.0) -> list[str]:
    """Give the last lines of a unit's journal, from `since` (epoch) on, messages only."""
    argv = ["journalctl", "-q", "--no-pager", "-o", "cat", "-u", unit, "-n", str(lines)]
    argv += ["--since", "@%d" % since] if since else []
    return run.command(argv, check=False, timeout=30, tail=True).tail(lines)


def _reason(log: list[str], said: list[str]) -> str:
    for line in log:
        holder = ports.holder_in(line)
        if holder:
            return holder
    return said[0] if said else ""


@handles("unit-status")
class UnitStatus(Act):
    """How systemd sees a unit."""

    reads = True
    unit: str

    def act(self) -> State:
        """Give its properties as `systemctl show` names them, and the lines of `status`."""
        unit = running(self.run, self.unit)
        shown = unit_state(self.run, unit)
        argv = ["systemctl", "status", "--no-pager", "-n", "0", "--", unit]
        return dict(shown, lines=self.run.command(argv, check=False, timeout=30).lines)


@handles("restart")
class Restart(Act):
    """A unit stopped and started."""

    unit: str

    def act(self) -> State:
        """Restart the unit; raises Failed with the last lines of its journal."""
        unit = running(self.run, self.unit)
        if unit_state(self.run, unit)["LoadState"] == "not-found":
            raise Failed("%s is not on this host" % unit, next="./fab deploy puts it there")
        start(self.run, unit, "restart")
        return unit_state(self.run, unit)


def running(run: Run, unit: str) -> str:
    """Give the one of several units that runs, as `blog@*.service`; without one the first."""
    if "*" not in unit:
        return unit
    argv = ["systemctl", "list-units", "--plain", "--no-legend", "--state=active", "--", unit]
    found = run.command(argv, timeout=30).out.split()
    return found[0] if found else unit.replace("*", "1")


@handles("daemon-reload")
class DaemonReload(Act):
    """systemd's units read anew."""

    def act(self) -> State:
        """Have systemd read its units anew, for 90 s at the most; raises Failed."""
        self.run.command(["systemctl", "daemon-reload"], timeout=90)
        return {}
