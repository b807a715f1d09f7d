"""An app's socket, and the slots behind it: units of one template that inherit the socket.

One slot serves; during a cut-over a second one, and a third may still answer its last requests.
"""

from __future__ import annotations

import contextlib
import os
import time

from ..engine.cgroups import kill, processes_in
from ..engine.errors import Failed
from ..engine.procfs import oldest, parent
from ..system.units import start, units_state
from .routine_lines import is_ordinary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.run import Run

    Shown = dict[str, str]


SERVING = ("active", "reloading")
FREE = ("inactive", "failed")
PATIENCE = 300.0  # seconds; the unit's own timeouts are shorter
PAUSE = 0.02  # seconds between two looks at the slots
FORCE = 10.0  # seconds that the kernel has to end what is killed


class Service:
    """The units APP@1 to APP@3 and APP.socket of the run's app."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.slots = run.place.slot_units
        self.socket_unit = run.place.socket_unit
        self.socket = run.place.door
        self.releases = os.path.realpath(run.place.releases) + os.sep
        self.began = time.time()

    def look(self) -> View:
        """Read how socket and slots are at this moment."""
        shown = units_state(self.run, [self.socket_unit, *self.slots])
        return View(self, shown, {slot: processes_in(slot) for slot in self.slots})

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
        return [line for line in lines if not is_ordinary(line)][-200:]

    def end(self, slots: list[str], seconds: float) -> None:
        """Stop slots; what has not ended after `seconds` is killed, with all that it has started.

        Raises Failed where the kernel cannot end it.
        """
        if not self.have_ended(slots, seconds):
            for slot in slots:
                kill(slot, FORCE)
            self.have_ended(slots, FORCE)  # systemd knows it, too
            self.run.command(["systemctl", "reset-failed", *slots], check=False, timeout=30)

    def have_ended(self, slots: list[str], seconds: float) -> bool:
        """Stop slots; gives whether nothing of them is left, `seconds` later at the latest.

        systemd may believe so while processes are left, and an app can have it wait for ever.
        """
        with contextlib.suppress(Failed):  # it takes longer
            argv = ["systemctl", "stop", *slots]
            self.run.command(argv, check=False, timeout=seconds)
        return not any(map(processes_in, slots))

    def restart(self, slot: str, seconds: float) -> None:
        """Have systemd restart a slot; what is left of it after `seconds` is killed.

        Does not wait for its start: a start of the same slot does. Raises Failed.
        """
        main, deadline = self.look().main(slot), time.monotonic() + seconds
        self.systemctl("restart", "--no-block", slot)
        while main in processes_in(slot) and time.monotonic() < deadline:
            time.sleep(PAUSE)
        if main in processes_in(slot):
            kill(slot, FORCE)

    def _stop(self, view: View) -> None:
        running = [slot for slot in self.slots if slot not in view.free]
        if running:
            self.end(running, PATIENCE)

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
    """Socket and slots at one moment: unit -> properties of `systemctl show`, slot -> processes.

    Which processes a slot has is told by its control group: an app can have systemd take it for
    something else than it is, and leave processes behind that answer on.
    """

    def __init__(
        self, service: Service, shown: dict[str, Shown], groups: dict[str, set[int]]
    ) -> None:
        self._service = service
        self._shown = shown
        self._groups = groups

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
        """The slots that take requests, as systemd sees it."""
        return self.slots(*SERVING)

    @property
    def free(self) -> list[str]:
        """The slots in which nothing runs, or is about to."""
        return [slot for slot in self.slots(*FREE) if not self._groups[slot]]

    @property
    def ending(self) -> list[str]:
        """The slots that have processes and should have none, or are being stopped."""
        wanted = self.slots(*SERVING, "activating")
        return [slot for slot in self.occupied if slot not in wanted]

    @property
    def occupied(self) -> list[str]:
        """The slots that have processes, whatever state systemd says that they are in."""
        return [slot for slot in self._service.slots if self._groups[slot]]

    def main(self, slot: str) -> int:
        """Give the process that systemd has started in a slot; 0 where none runs.

        Not MainPID, which an app could name to systemd in releases of earlier versions.
        """
        return oldest(pid for pid in self._groups[slot] if parent(pid) not in self._groups[slot])

    def is_misled(self, slot: str) -> bool:
        """Tell whether systemd's MainPID of a slot is not gunicorn's master."""
        return int(self._shown[slot]["MainPID"] or 0) != self.main(slot)

    def workers(self, slot: str) -> set[int]:
        """Give the processes of a slot that answer requests."""
        main = self.main(slot)
        return {pid for pid in self._groups[slot] if main and parent(pid) == main}

    def processes(self, slots: list[str]) -> list[int]:
        """Give all processes of some slots."""
        return [pid for slot in slots for pid in self._groups[slot]]

    def releases(self, slots: list[str]) -> set[str]:
        """Give the releases that slots run, told by where gunicorn and its workers are.

        What those have started may be anywhere, and counts where it is in a release.
        """
        found = set()
        for slot in slots:
            own = {self.main(slot), *self.workers(slot)}
            places = {pid: self._service.release_of(pid) for pid in self._groups[slot]}
            found |= {at for pid, at in places.items() if pid in own or not at.startswith("/")}
        return found - {""}

    def told(self) -> list[str]:
        """Name the slots that have processes; where they are to end, how many are left."""
        return [slot if slot in self.serving else self._left(slot) for slot in self.occupied]

    def _left(self, slot: str) -> str:
        state, count = self._shown[slot]["ActiveState"], len(self._groups[slot])
        return "%s (%s, %d processes)" % (slot, state, count)

    def says(self, slot: str) -> str:
        """Give what a slot last said of itself; only a hint, for the app can say it too."""
        return self._shown[slot]["StatusText"]
