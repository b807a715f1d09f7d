"""An app's unit and socket, and the processes behind them."""

from __future__ import annotations

import os
import re
import time

from .processes import with_children
from .units import start, unit_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .run import Run

SOCKET = "/run/%s.sock"
# what systemd and gunicorn say of every start and stop
ORDINARY = re.compile(
    r"^(Start|Stopp|Reload)(ing|ed) |: (Deactivated successfully|Consumed .* CPU time)|"
    r"\[INFO\] (Starting gunicorn|Listening at|Using worker|Booting worker|"
    r"Handling signal|Hang up|Worker exiting|Shutting down)"
)
PATIENCE = 300.0  # seconds; the unit's own timeouts are shorter


class Service:
    """The units APP.service and APP.socket of the app below `app_root`."""

    def __init__(self, run: Run, app: str, app_root: str) -> None:
        self.run = run
        self.unit = app + ".service"
        self.socket_unit = app + ".socket"
        self.socket = SOCKET % app
        self.releases = os.path.join(os.path.realpath(app_root), "releases") + os.sep
        self.restarted = time.time()

    def is_listening(self) -> bool:
        """Tell whether systemd holds the socket."""
        return unit_state(self.run, self.socket_unit)["ActiveState"] == "active"

    def releases_run(self) -> set[str]:
        """Give the releases that the main process and the workers run from, by their cwd."""
        main = self.main()
        return self.releases_of(main) if main else set()

    def main(self) -> int:
        """Give the main process; 0 where none runs."""
        return int(unit_state(self.run, self.unit)["MainPID"] or 0)

    def workers(self) -> set[int]:
        """Give the processes that answer requests."""
        main = self.main()
        return set(with_children(main)) - {main} if main else set()

    def says(self) -> str:
        """Give what the service last said of itself; only a hint, for the app can say it too."""
        return unit_state(self.run, self.unit)["StatusText"]

    def releases_of(self, main: int) -> set[str]:
        """Give the releases that a process and its children run from; elsewhere, the directory."""
        return {self._release_of(pid) for pid in with_children(main)} - {""}

    def restart(self, reload: bool) -> None:
        """Start it anew, its socket first; `reload`: systemd is to read the units again.

        Requests wait in the socket meanwhile. Raises Failed when it does not get ready.
        """
        if reload or unit_state(self.run, self.unit)["NeedDaemonReload"] == "yes":
            self._systemctl("daemon-reload")
        if not self.is_listening():
            self._systemctl("stop", self.unit)  # systemd refuses a socket whose service runs
            start(self.run, self.socket_unit)
        self.restarted = time.time()
        start(self.run, self.unit, "restart")

    def reload(self) -> None:
        """Send gunicorn a HUP, and wait until it is ready again; raises Failed."""
        self.restarted = time.time()
        start(self.run, self.unit, "reload")

    def stop(self) -> None:
        """Stop service and socket."""
        self._systemctl("stop", self.socket_unit, self.unit)

    def lines(self) -> list[str]:
        """Give what the journal has of it since it was last started or reloaded here."""
        self.run.command(["journalctl", "--sync"], check=False)
        since = "--since=@%.6f" % self.restarted
        argv = ["journalctl", "--quiet", "--output=cat", since, "--unit=" + self.unit]
        lines = self.run.command(argv, check=False).lines
        return [line for line in lines if not ORDINARY.search(line)][-200:]

    def _systemctl(self, *arguments: str) -> None:
        self.run.command(["systemctl", *arguments], timeout=PATIENCE)

    def _release_of(self, pid: int) -> str:
        try:
            directory = os.readlink("/proc/%d/cwd" % pid)
        except OSError:  # it has ended meanwhile
            return ""
        inside = directory.startswith(self.releases)
        return directory[len(self.releases) :].split(os.sep)[0] if inside else directory
