"""The distribution's newer versions of what is installed."""

from __future__ import annotations

import glob
import os
import re

from ..engine.errors import Failed, NotYet
from ..engine.handler import Handler, handles
from . import dpkg
from .packages import Apt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.output import Output
    from ..engine.run import Run


REBOOT = "/run/reboot-required"  # made by packages of Ubuntu, and of Debian where a desktop is
KERNELS = "/boot/vmlinuz-*"
# of `apt-get --simulate`: "Inst curl [7.88] (7.89 Debian:12/stable [amd64])", new without brackets
_INSTALLS = re.compile(r"^Inst (\S+)(?: \[(\S+)\])? \((\S+)", re.MULTILINE)
_KEPT_BACK = re.compile(r"have been kept back:\n((?:  .*\n)+)")


@handles("upgraded")
class Upgraded(Handler):
    """Every package is of the version that the lists have; nothing is removed for it."""

    keys = ("newer",)

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.apt = Apt(run)
        self.fresh = run.checking

    def wanted(self) -> State:
        """Give {"newer": []}: no installed package has a newer version in apt's lists."""
        return {"newer": []}

    def actual(self) -> State:
        """Give what apt would install, with lists that were just fetched unless this is a dry run.

        What a person should know besides is told where nothing is left to do for us.
        """
        self._fetch()
        simulated = self.apt.simulated("upgrade", "--with-new-pkgs")
        newer = [_row(*found) for found in _INSTALLS.findall(simulated.out)]
        if self.run.checking or not newer:
            self._tell(simulated)
        return {"newer": newer}

    def fix(self, differing: list[str]) -> None:
        """Upgrade; raises Failed with apt's lines."""
        self.apt.upgrade()

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name each package with both versions."""
        return list(actual["newer"])

    def unmet(self, actual: State, differing: list[str]) -> Failed:
        """Name what apt said it would upgrade, and did not."""
        return Failed("apt-get has not upgraded everything", log=actual["newer"])

    def _fetch(self) -> None:
        if self.fresh:
            if not self.apt.has_lists():
                raise NotYet("the package lists are fetched")
            return
        self.apt.update()
        self.fresh = True
        if self.apt.update_failure is not None:
            raise self.apt.failed("the package lists were not fetched", self.apt.update_failure)

    def _tell(self, simulated: Output) -> None:
        held = dpkg.held(self.run)
        found = _KEPT_BACK.search(simulated.out)
        back = [name for name in found.group(1).split() if name not in held] if found else []
        if held:
            self.run.notice("held, so not upgraded: %s" % ", ".join(held))
        if back:
            self.run.notice("kept back by apt: %s" % ", ".join(back))
        if wants_reboot():
            self.run.notice("a reboot is wanted: what runs is older than what is installed")


def wants_reboot() -> bool:
    """Tell whether a package has asked for a reboot, or a kernel came since the last boot."""
    return os.path.exists(REBOOT) or any(map(_came_since_boot, glob.glob(KERNELS)))


def _came_since_boot(path: str) -> bool:
    with open("/proc/stat", encoding="ascii") as file:
        booted = next(int(line.split()[1]) for line in file if line.startswith("btime "))
    return os.stat(path).st_ctime > booted


def _row(name: str, old: str, new: str) -> str:
    return "%s %s -> %s" % (name, old, new) if old else "%s %s, which others need" % (name, new)
