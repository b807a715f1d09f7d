"""An app's socket, and the slots behind it: units of one template that inherit the socket.

One slot serves; during a cut-over a second one, and a third may still answer its last requests.
"""

from __future__ import annotations

import os
import re
import time

from .processes import with_children
from .units import start, units_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .run import Run

    Shown = dict[str, str]

SOCKET = "/run/%s.sock"
SLOTS = (1, 2, 3)
SERVING = ("active", "reloading")
FREE = ("inactive", "failed")
# what systemd and gunicorn say of every start and stop
ORDINARY = re.compile(
    r"^(Start|Stopp|Reload)(ing|ed) |: (Deactivated successfully|Consumed .* CPU time)|"
    r"\[INFO\] (Starting gunicorn|Listening at|Using worker|Booting worker|"
    r"Handling signal|Hang up|Worker exiting|Shutting down)"
)
PATIENCE = 300.0  # seconds; the unit's own timeouts are shorter


class Service:
    """The units APP@1 to APP@3 and APP.socket of the app below `app_root`."""

    def __init__(self, run: Run, app: str, app_root: str) -> None:
        self.run = run
        self.app = app
        self.slots = ["%s@%d.service" % (app, number) for number in SLOTS]
        self.socket_unit = app + ".socket"
        self.socket = SOCKET % app
        self.releases = os.path.join(os.path.realpath(app_root), "releases") + os.sep
        self.began = time.time()

    def look(self) -> View:
        """Read how socket and slots are at this moment."""
        return View(self, units_state(self.run, [self.socket_unit, *self.slots]))

    def listen(self, view: View) -> None:
        """Open the socket where it is not; raises Failed."""
        if not view.is_listening:
            self._stop(view)  # systemd refuses a socket whose service runs
            start(self.run, self.socket_unit)

    def reload(self, slot: str) -> None:
        """Send gunicorn a HUP, and wait until it is ready again; raises Failed."""
        self.began = time.time()
        start(self.run, slot, "reload")

    def stop(self) -> None:
        """Stop the socket and every slot."""
        view = self.look()
        if view.is_listening:
            self.systemctl("stop", self.socket_unit)
        self._stop(view)

    def lines(self) -> list[str]:
        """Give what the journal has of the slots since one was last started or reloaded here."""
        self.run.command(["journalctl", "--sync"], check=False)
        argv = ["journalctl", "--quiet", "--output=cat", "--since=@%.6f" % self.began]
        argv += ["--unit=" + slot for slot in self.slots]
        lines = self.run.command(argv, check=False, tail=True).lines
        return [line for line in lines if not ORDINARY.search(line)][-200:]

    def _stop(self, view: View) -> None:
        running = [slot for slot in self.slots if slot not in view.slots(*FREE)]
        if running:
            self.systemctl("stop", *running)

    def systemctl(self, *arguments: str) -> None:
        """Run systemctl; raises Failed."""
        self.run.command(["systemctl", *arguments], timeout=PATIENCE)

    def release_of(self, pid: int) -> str:
        """Give the release that a process runs from, by its cwd; elsewhere, the directory."""
        try:
            directory = os.readlink("/proc/%d/cwd" % pid)
        except OSError:  # it has ended meanwhile
            return ""
        inside = directory.startswith(self.releases)
        return directory[len(self.releases) :].split(os.sep)[0] if inside else directory


class View:
    """Socket and slots at one moment: unit -> properties of `systemctl show`."""

    def __init__(self, service: Service, shown: dict[str, Shown]) -> None:
        self._service = service
        self._shown = shown

    @property
    def is_listening(self) -> bool:
        """Whether systemd holds the socket."""
        return self._shown[self._service.socket_unit]["ActiveState"] == "active"

    def slots(self, *states: str) -> list[str]:
        """Give the slots whose ActiveState is one of these."""
        shown = self._shown
        return [slot for slot in self._service.slots if shown[slot]["ActiveState"] in states]

    @property
    def serving(self) -> list[str]:
        """The slots that take requests."""
        return self.slots(*SERVING)

    def main(self, slot: str) -> int:
        """Give a slot's main process; 0 where none runs."""
        return int(self._shown[slot]["MainPID"] or 0)

    def workers(self, slot: str) -> set[int]:
        """Give the processes of a slot that answer requests."""
        main = self.main(slot)
        return set(with_children(main)) - {main} if main else set()

    def processes(self) -> list[int]:
        """Give all processes of the slots that take requests."""
        mains = filter(None, map(self.main, self.serving))
        return [pid for main in mains for pid in with_children(main)]

    def releases(self) -> set[str]:
        """Give the releases that these run from."""
        return set(map(self._service.release_of, self.processes())) - {""}

    def says(self, slot: str) -> str:
        """Give what a slot last said of itself; only a hint, for the app can say it too."""
        return self._shown[slot]["StatusText"]
