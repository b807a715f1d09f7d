"""The canary: the release with its own environment, user and sandbox, where no visitor comes."""

from __future__ import annotations

import contextlib
import os
import time

from ..app import failures
from ..app.advice import unwell
from ..app.release_facts import facts_of
from ..engine.cgroups import kill
from ..engine.errors import Failed, Unwell
from ..processes.slots import FORCE
from ..secrets.forms import AS_FILE
from ..system import disk
from ..system.units import start
from ..web.http import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..common.place import Place
    from ..engine.run import Run
    from ..web.health import Health


TIMES = 2  # that it has to answer
TRIED = "it was tried where no visitor comes, and nothing was switched"
UNOPENED = "243/CREDENTIALS"  # an exit status of systemd's own; in some containers it cannot do it


class Canary:
    """A release on a private socket; gone when the question is answered."""

    def __init__(self, run: Run, release: str) -> None:
        self.run = run
        self.release = release
        self.path = run.place.release(release)
        self.name = self._name_in_release(run.place.units("canary"))
        self.unit = self.name + ".service"
        self.began = time.time()

    def _name_in_release(self, names: list[str]) -> str:
        there = [
            name for name in names if os.path.exists(self.path + _units(self.run.place, name)[0])
        ]
        return (there or names)[0]

    def must_answer(self, health: Health) -> float:
        """Boot it and ask its health path as the proxy would.

        Gives the seconds that the boot took, raises Failed.
        """
        with self._booted() as seconds:
            for _ in range(TIMES):
                complaint = self._complaint(health)
                if complaint:
                    raise self._failed(complaint, health.said)
            return seconds

    @contextlib.contextmanager
    def _booted(self) -> Iterator[float]:
        os.makedirs(self.run.place.boot_units, exist_ok=True)
        try:
            for path in _units(self.run.place, self.name):
                disk.write(path, disk.read(self.path + path) or b"")
            disk.replace_link(self.run.place.beside(self.name, "next"), self.path)
            yield self._start()
        finally:
            sweep(self.run, self.name)

    def _start(self) -> float:
        started = time.monotonic()
        try:
            with self.run.waits("waits for the app to start"):
                start(self.run, self.unit)
        except Failed as failed:
            raise self._failed(failed.why or failed.what) from None
        return round(time.monotonic() - started, 2)

    def _complaint(self, health: Health) -> str:
        return health.trouble_at(ask, self.run.place.beside(self.name, "sock"), self.run.site)

    def _failed(self, complaint: str, page: Sequence[str] = ()) -> Failed:
        lines, state = self._lines(), "release %s is not well" % self.release
        if any(UNOPENED in line for line in lines):
            what = "%s: systemd does not hand it its secrets" % state
            return Unwell(what, TRIED, lines[-15:], AS_FILE)
        told = failures.explained(lines, facts_of(self.run.place, self.release), complaint)
        told.log += page
        return unwell(told, complaint, state, TRIED)

    def _lines(self) -> list[str]:
        self.run.command(["journalctl", "--sync"], check=False)
        argv = ["journalctl", "-q", "-o", "cat", "--since=@%.6f" % self.began, "-u", self.unit]
        return self.run.command(argv, check=False, tail=True).lines


def sweep(run: Run, name: str) -> None:
    """Remove a canary: its processes, its socket, its unit."""
    units = [name + ".socket", name + ".service"]
    run.command(["systemctl", "stop", *units], check=False, timeout=60)
    kill(name + ".service", FORCE)
    left = [run.place.beside(name, what) for what in ("next", "ready")]
    for path in (*_units(run.place, name), *left):
        disk.remove(path)


def _units(place: Place, name: str) -> list[str]:
    return [os.path.join(place.boot_units, name + suffix) for suffix in (".service", ".socket")]
