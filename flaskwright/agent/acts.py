"""What is done because it was asked, not because a state differs."""

from __future__ import annotations

from . import nginx
from .handler import Act, Failed, handles
from .packages import Apt
from .units import start, unit_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State
    from .run import Run


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
        """Restart it; raises Failed with its journal."""
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
        """Reload."""
        self.run.command(["systemctl", "daemon-reload"], timeout=90)
        return {}


@handles("package-lists")
class PackageLists(Act):
    """apt's lists fetched."""

    def act(self) -> State:
        """Fetch them; raises Failed when one could not be had."""
        apt = Apt(self.run)
        apt.update()
        if apt.update_failure is not None:
            raise apt.failed("the package lists were not fetched", apt.update_failure)
        return {}


@handles("nginx-test")
class NginxTest(Act):
    """nginx's opinion of the configuration on the disk."""

    reads = True

    def act(self) -> State:
        """Say that it is fine; raises Failed for an error or a warning."""
        _must_be_installed()
        warnings = nginx.syntax(self.run)
        if warnings:
            raise Failed("nginx warns of its configuration", "`nginx -t` has remarks", warnings)
        return {"accepted": True}


@handles("nginx-reload")
class NginxReload(Act):
    """The configuration on the disk put in force, whether or not it is."""

    def act(self) -> State:
        """Reload, and make sure that new workers came."""
        _must_be_installed()
        if not nginx.workers():
            raise Failed("nginx does not run", next="./fab nginx.start")
        warnings = nginx.reload(self.run)
        return {"workers": sorted(nginx.workers()), "warnings": warnings}


def _must_be_installed() -> None:
    if not nginx.installed():
        raise Failed("nginx is not on this host", next="./fab nginx.install")
