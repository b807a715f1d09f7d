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

from ...common import text
from ...engine import procfs
from ...engine.errors import Failed
from ...system import disk, ports
from ...system.units import start
from . import error_log, loaded
from .candidate import BINARY, HOME, way_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.run import Run


CERTIFICATES = "/etc/letsencrypt/live"
TREES = (HOME, CERTIFICATES)  # all that the configuration consists of
ERRORS = "/var/log/nginx/error.log"
PID = "/run/nginx.pid"  # as in Debian's nginx.conf and unit
PATIENCE = 5.0  # seconds for new workers to come up
TICK = 0.01  # seconds: the resolution of a process's start time


def installed() -> bool:
    """Tell whether nginx is on this host."""
    return os.path.exists(BINARY)


def is_live() -> bool:
    """Tell whether there are workers, all younger than the configuration, or noted to have it."""
    found = workers()
    return bool(found) and (_are_younger(found) or loaded.is_noted(found, *TREES))


def keep_in_mind() -> None:
    """Note what is in force while age tells it: a release that goes live and back has new dates."""
    found = workers()
    if found and _are_younger(found) and not loaded.is_noted(found, *TREES):
        loaded.note(found, loaded.digest(*TREES))


def reload(run: Run) -> list[str]:
    """Test the configuration, reload it and wait for new workers; Failed where none come.

    Gives nginx's warnings.
    """
    warnings = syntax(run)
    old, size = set(workers()), _size(ERRORS)
    for tree in TREES:
        loaded.let_pass(tree, TICK)
    digest = loaded.digest(*TREES)
    start(run, "nginx.service", "reload")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = workers()
        if found and not set(found) & old:
            loaded.note(found, digest)
            return warnings
        time.sleep(TICK)
    log = _emergencies(size)
    why = next(filter(None, map(ports.holder_in, log)), "no new worker came up")
    raise Failed("nginx goes on with the configuration from before", why, log)


def _are_younger(found: dict[int, float]) -> bool:
    return min(found.values()) > max(map(loaded.newest, TREES))


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
    fields = procfs.stat(int(pid))
    if not fields or fields[1] != master:
        return None
    title = text.lines(procfs.read(int(pid), "cmdline").rstrip(b"\0 ")) or [""]
    if title != ["nginx: worker process"]:  # one that is shutting down says so
        return None
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")  # proc(5): parent is 4, starttime is 22


def _size(path: str) -> int:
    return os.stat(path).st_size if os.path.exists(path) else 0


def _emergencies(start: int) -> list[str]:
    """Give the lines of the error log from byte `start` on that say why nginx did not reload."""
    try:
        with open(ERRORS, "rb") as file:
            file.seek(start if start <= _size(ERRORS) else 0)
            lines = text.lines(file.read(error_log.MOST))
    except OSError:
        return []
    told = {line.partition("#")[2]: line for line in lines if "[emerg]" in line}
    return list(told.values())[-5:]
