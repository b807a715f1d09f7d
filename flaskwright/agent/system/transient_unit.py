"""Programs in transient units of systemd: one control group each, and gone with it.

systemd-run(1) hands our own streams over to the program, so it is fed and read as a child is. What
a program leaves behind ends with it, whatever that has done to get away from its parents.
"""

from __future__ import annotations

import os

from ..engine import activity, cgroups
from ..engine.command import NAMED, PATH, PROXIES
from .units import systemd_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from ..engine.output import Output
    from ..engine.run import Run
    from ..engine.watch import How


# oneshot: no end by a signal counts as a good one. What a program asks for by sd_notify(3), nobody
# hears.
COMMON = ("Type=oneshot", "NotifyAccess=none", "TimeoutStopSec=5")
BY_SIGNAL = 255  # systemd-run's own status for a program that a signal has ended
# systemd-run refuses what its version does not know, where a unit's file is read all the same.
SINCE = {"PrivateIPC": 248, "ProtectProc": 247, "ProcSubset": 247}
LOADED = "/run/systemd/transient"  # has the files of the units that systemd has loaded
PATIENCE = 30.0  # seconds


class TransientUnit:
    """The unit `name`, with `properties` as they stand in [Service]; one program at a time.

    variables: what is in its environment beside what systemd puts there; None: what tools want.
    """

    def __init__(
        self,
        run: Run,
        name: str,
        properties: Sequence[str],
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.run = run
        self.name = name
        self.properties = list(properties)
        self.variables = _of_tools() if variables is None else variables

    def argv(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: str = "/",
        how: Sequence[str] = ("--pipe", "--wait"),
    ) -> list[str]:
        """Give the command that runs `argv` in the unit and ends with it; see `status`.

        how: further options; without these the unit only starts, and --pty gives it a terminal.
        """
        variables = {**self.variables, **(env or {})}
        properties = _known([*COMMON, "WorkingDirectory=" + cwd, *self.properties])
        return [
            *("systemd-run", "--quiet", "--unit=" + self.name, *how),
            *("--property=" + one for one in properties),
            *("--setenv=%s=%s" % pair for pair in variables.items()),
            *("--", *(word.replace("$", "$$") for word in argv)),  # systemd.service(5) expands $
        ]

    def command(self, argv: Sequence[str], progress: bool = False, **how: Unpack[How]) -> Output:
        """Run a program to its end, as Run.command without `check`; nothing of it runs then."""
        command = self.argv(argv, how.pop("env", None), how.pop("cwd", None) or "/")
        how["unit"] = self.name
        how.setdefault("name", activity.called(argv))
        self.end()  # what an agent that was killed has left
        try:
            output = self.run.command(command, check=False, progress=progress, **how)
            output.status = self.status(output.status)
        except BaseException:
            self.end(asked=True)
            raise
        self.end()
        output.name = " ".join(argv[:NAMED])
        return output

    def status(self, status: int) -> int:
        """Give how the program has ended, by systemd-run's status; a signal as its negative."""
        if status != BY_SIGNAL:
            return status
        argv = ["systemctl", "show", "--value", "-p", "ExecMainCode,ExecMainStatus", self.name]
        code, _, number = self.run.command(argv, timeout=PATIENCE).out.strip().partition("\n")
        return -int(number) if code in ("2", "3") else status  # CLD_KILLED, CLD_DUMPED

    def end(self, asked: bool = False) -> None:
        """End all that runs in the unit, and forget it; raises Failed where something stays.

        asked: systemd-run has asked for the unit, and systemd may not have read that yet.
        """
        if cgroups.processes_in(self.name):
            cgroups.kill(self.name, PATIENCE)
        if asked or os.path.exists(os.path.join(LOADED, self.name)):
            self._systemctl("stop")  # it may be about to start one
            self._systemctl("reset-failed")

    def _systemctl(self, verb: str) -> None:
        self.run.command(["systemctl", verb, self.name], check=False, timeout=PATIENCE)


def _of_tools() -> dict[str, str]:
    proxies = {name: os.environ[name] for name in PROXIES if name in os.environ}
    return {"LC_ALL": "C.UTF-8", "PATH": PATH, **proxies}


def _known(properties: list[str]) -> list[str]:
    """Leave out what the systemd of this host does not know."""
    version = systemd_version() or max(SINCE.values())
    return [one for one in properties if SINCE.get(one.partition("=")[0], 0) <= version]
