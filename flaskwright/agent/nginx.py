"""nginx: whether the configuration on the disk is the one in force.

Its workers tell: a reload makes new ones, and where nginx cannot take the new configuration (a
port is taken) the old ones stay although `nginx -t` and `systemctl reload` both report success.
So the workers must be younger than every file and link that the configuration consists of, or be
those that were seen to take the same bytes: a release brings new files, seldom a new site.
"""

from __future__ import annotations

import os
import re
import time

from . import confage, disk, errorlog, inforce, ports, processes, text
from .candidate import BINARY, HOME, way_out
from .candidate import check as check_candidate
from .handler import Failed, Handler, NotYet, handles
from .units import start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State
    from .run import Run

__all__ = ["Nginx", "check_candidate", "installed", "reload", "syntax"]

CERTIFICATES = "/etc/letsencrypt/live"
TREES = (HOME, CERTIFICATES)  # all that the configuration consists of
ERRORS = "/var/log/nginx/error.log"
PID = "/run/nginx.pid"  # as in Debian's nginx.conf and unit
PATIENCE = 5.0  # seconds for new workers to come up
TICK = 0.01  # seconds: the resolution of a process's start time


@handles("nginx")
class Nginx(Handler):
    """The configuration below /etc/nginx is in force."""

    keys = ("live",)
    live: bool

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self._warnings: list[str] = []

    def actual(self) -> State:
        """Compare the workers' age with the configuration's.

        A dry run cannot where some of it would be written: the workers may have those very bytes,
        as when the plan only changes a mode, or takes back what somebody has changed and never
        put in force.
        """
        if not installed():
            raise _not_there(self.run, "the package nginx")
        if not workers():
            raise _not_there(self.run, "the unit nginx runs")
        if not self.run.checking:
            keep_in_mind()
        elif self._to_be_written():
            raise NotYet("its files are written, unless nginx has the same in force")
        return {"live": is_live()}

    def fix(self, differing: list[str]) -> None:
        """Test the configuration and reload; an undo has to know of it."""
        self.run.remember(nginx=True)
        self._warnings = reload(self.run)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say what would be done."""
        return ["reload nginx"]

    def note(self) -> str:
        """Pass nginx's warnings on: they may be about other sites."""
        return "; ".join(self._warnings)

    def _to_be_written(self) -> bool:
        changes = " ".join(filter(self.run.changed, self.run.states))
        return HOME + "/" in changes or "certificate:" in changes


def installed() -> bool:
    """Tell whether nginx is on this host."""
    return os.path.exists(BINARY)


def is_live() -> bool:
    """Tell whether there are workers, all younger than the configuration, or noted to have it."""
    found = workers()
    return bool(found) and (_are_younger(found) or inforce.is_noted(found, *TREES))


def keep_in_mind() -> None:
    """Note what is in force while age tells it: a release that goes live and back has new dates."""
    found = workers()
    if found and _are_younger(found) and not inforce.is_noted(found, *TREES):
        inforce.note(found, inforce.digest(*TREES))


def reload(run: Run) -> list[str]:
    """Test the configuration, reload it and wait for new workers; Failed where none come.

    Gives nginx's warnings.
    """
    warnings = syntax(run)
    old, size = set(workers()), _size(ERRORS)
    for tree in TREES:
        confage.let_pass(tree, TICK)
    digest = inforce.digest(*TREES)
    start(run, "nginx.service", "reload")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = workers()
        if found and not set(found) & old:
            inforce.note(found, digest)
            return warnings
        time.sleep(TICK)
    log = _emergencies(size)
    why = next(filter(None, map(ports.holder_in, log)), "no new worker came up")
    raise Failed("nginx goes on with the configuration from before", why, log)


def _are_younger(found: dict[int, float]) -> bool:
    return min(found.values()) > max(map(confage.newest, TREES))


def syntax(run: Run) -> list[str]:
    """Test the configuration on the disk and give nginx's warnings; Failed for an error."""
    output = run.command([BINARY, "-t"], check=False, timeout=60)
    log = [line for line in output.lines if re.search(r"\[(warn|error|crit|alert|emerg)\]", line)]
    if output.status:
        what, why = "nginx does not accept its configuration", "`nginx -t` refuses it"
        raise Failed(what, why, log or output.tail(), way_out(log))
    return log


def workers() -> dict[int, float]:
    """Give the workers that take requests: pid -> start in seconds since the epoch."""
    offset = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    master, found = _master(), {}
    for pid in filter(str.isdigit, os.listdir("/proc") if master else ()):
        started = _worker_start(pid, master)
        if started is not None:
            found[int(pid)] = offset + started
    return found


def _master() -> str:
    """Give the pid of this host's nginx; empty where it does not run.

    Other nginx processes may be in sight: of containers, or started by hand.
    """
    pid = (disk.read(PID) or b"").decode("ascii", "replace").strip()
    return pid if pid.isdigit() and ports.comm(int(pid)) == "nginx" else ""


def _worker_start(pid: str, master: str) -> float | None:
    """Give the start of one of the master's workers in seconds since boot; None for others."""
    fields = processes.stat(int(pid))
    if not fields or fields[1] != master:
        return None
    title = text.lines(processes.read(int(pid), "cmdline").rstrip(b"\0 ")) or [""]
    if title != ["nginx: worker process"]:  # one that is shutting down says so
        return None
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")  # proc(5): parent is 4, starttime is 22


def _not_there(run: Run, needs: str) -> Exception:
    if run.checking:
        return NotYet(needs)
    return Failed("nginx has no configuration in force", "it needs %s first" % needs)


def _size(path: str) -> int:
    return os.stat(path).st_size if os.path.exists(path) else 0


def _emergencies(start: int) -> list[str]:
    """Give the lines of the error log from byte `start` on that say why nginx did not reload."""
    try:
        with open(ERRORS, "rb") as file:
            file.seek(start if start <= _size(ERRORS) else 0)
            lines = text.lines(file.read(errorlog.MOST))
    except OSError:
        return []
    told = {line.partition("#")[2]: line for line in lines if "[emerg]" in line}
    return list(told.values())[-5:]
