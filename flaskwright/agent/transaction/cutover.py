"""The cut-over: a free slot starts with the release, `current` names it, the other slots go.

Both are on one socket, so that no request waits for the import; the old slot answers what it has
begun. A slot starts in the release that the link /run/APP@N.next names, else in `current`: boot,
crash and socket activation always mean `current`.
"""

from __future__ import annotations

import contextlib
import glob
import os
import time

from ..app.releases import Releases
from ..engine.errors import Failed
from ..processes.drain import Drain
from ..processes.slots import PAUSE, Service
from ..system import disk, memory
from ..system.units import LONGEST, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.run import Run
    from ..processes.slots import View


SOON = 1.0  # seconds in which an old slot has ended that has nothing to answer
AGAIN = "wait until they have started or ended, then run the same command again"
TOLD_TO_END = "others end since"  # in the run's cache
MARGIN = 2.0  # seconds on top of `drain`, in which gunicorn ends what is not answered by then


class CutOver:
    """The slots of an app, made to serve another release.

    how: `auto`, or `restart`, which stops the old processes first; requests wait meanwhile.
    drain: seconds that requests in flight have to finish.
    """

    def __init__(self, run: Run, how: str, drain: int) -> None:
        self.run = run
        self.how = how
        self.drain = drain
        self.releases = Releases(run.place)
        self.service = Service(run)

    def to(self, release: str) -> None:
        """Make `release` serve and be `current`; raises Failed, and then neither is so."""
        self.service.began = time.time()
        with self.run.waits("waits until a slot is free"):
            view = self._settled()
        slot, verb = self._chosen(view)
        with self._unit_of(release, slot):
            self.service.listen(view)  # systemd wants to know the unit that the socket starts
            self._start(slot, verb, release)
            self.releases.switch(release)
            self._end_others(slot)

    def wait_for_others(self) -> None:
        """Have nothing run but what serves; what outlives `drain` is killed.

        Raises Failed where the kernel cannot end it.
        """
        others = self.service.look().ending
        if not others:
            return
        with self._counted(others) as counted, self.run.waits(counted.words):
            if not self.service.have_ended(others, SOON):
                self.run.progress(counted.words(), always=True)
                self.service.end(others, self.drain + MARGIN)

    def _counted(self, slots: list[str]) -> Drain:
        """Count what slots still answer, which were told to end at the switch, if not just now."""
        began = self.run.cache.setdefault(TOLD_TO_END, time.monotonic())
        return Drain(self.run, self.service.socket, slots, began, self.drain)

    def _chosen(self, view: View) -> tuple[str, str]:
        """Give the slot to start and how: a free one, or with little memory the one that serves."""
        if view.serving and (self.how == "restart" or not view.free or not self._fits(view)):
            return view.serving[0], "restart"
        if not view.free:
            raise Failed("no slot is free: %s" % ", ".join(view.told()), next=AGAIN)
        return view.free[0], "start"

    def _settled(self) -> View:
        """Wait while traffic starts a slot, or none is free since old requests are answered.

        What is not answered by then is given up, where no other slot is free.
        """
        deadline = time.monotonic() + self.drain + 10
        while True:
            view = self.service.look()
            if view.free and not view.slots("activating"):
                return view
            if time.monotonic() > deadline:
                break
            time.sleep(PAUSE)
        if not view.free and view.ending:
            self.service.end(view.ending, SOON)
        return self.service.look()

    def _fits(self, view: View) -> bool:
        fits = memory.fits(view.processes(view.serving))
        if not fits:
            self.run.notice("restarts the app: there is no memory for old and new at once")
        return fits

    def _start(self, slot: str, verb: str, release: str) -> None:
        next_link = self.run.place.beside(slot[: -len(".service")], "next")
        disk.replace_link(next_link, self.releases.path(release))
        try:
            self._begin(slot, verb)
        except BaseException:
            disk.remove(next_link)
            self._forget_unit(slot)
            self._give_up(slot, verb)
            raise
        disk.remove(next_link)

    def _begin(self, slot: str, verb: str) -> None:
        if verb == "restart":
            with self._counted([slot]) as counted, self.run.waits(counted.words):
                self.service.restart(slot, self.drain + MARGIN)
        with self.run.waits("waits for the app to start"):
            start(self.run, slot, longest=LONGEST + self.drain)

    def _give_up(self, slot: str, verb: str) -> None:
        """Leave what served before: systemd would start the slot again by itself, with `current`.

        Where it was restarted that is what has to be done.
        """
        if verb == "restart" and self.releases.current():
            self._begin(slot, verb)
            return
        self.service.end([slot], self.drain + MARGIN)
        self.run.command(["systemctl", "reset-failed", slot], check=False, timeout=60)

    def _end_others(self, slot: str) -> None:
        others = self.service.look().slots("active", "reloading", "activating")
        others = [one for one in others if one != slot]
        if others:
            self.run.cache[TOLD_TO_END] = time.monotonic()
            self.service.systemctl("stop", "--no-block", *others)

    @contextlib.contextmanager
    def _unit_of(self, release: str, slot: str) -> Iterator[None]:
        """Have systemd start a slot by the release's own unit, which may not be `current`'s."""
        text = self._unit_text(release)
        if text is None or text == self._unit_text(self.releases.current()):
            yield
            return
        os.makedirs(self.run.place.boot_units, exist_ok=True)
        disk.write(os.path.join(self.run.place.boot_units, slot), text)
        self.service.systemctl("daemon-reload")
        try:
            yield
        finally:
            self._forget_unit(slot)

    def _forget_unit(self, slot: str) -> None:
        path = os.path.join(self.run.place.boot_units, slot)
        if os.path.exists(path):
            disk.remove(path)
            self.service.systemctl("daemon-reload")

    def _unit_text(self, release: str) -> bytes | None:
        unit = self.releases.path(release) + self.run.place.unit_template
        return disk.read(unit) if release else None


def sweep(run: Run) -> None:
    """Remove the units and links below /run with which a slot was to start with a release."""
    slots = run.place.name + "@*"
    units = glob.glob(os.path.join(run.place.boot_units, slots + ".service"))
    for path in units + glob.glob(run.place.beside(slots, "next")):
        disk.remove(path)
    if units:
        run.command(["systemctl", "daemon-reload"], timeout=60)
