"""The switch: canary, cut-over, and a look at what serves. What goes wrong after it is undone."""

from __future__ import annotations

import os
import time

from ..app import failures
from ..app.advice import unwell
from ..app.history import Verdicts
from ..app.release_facts import facts_of
from ..app.releases import Releases
from ..engine.errors import Failed, Unwell
from ..engine.handler import Handler, handles
from ..processes.slots import Service
from ..releases.commands import release_of
from ..secrets.store import Credentials
from ..system import disk
from ..web.health import Health
from ..web.http import PATIENCE, ask
from ..web.nginx import candidate
from ..web.nginx import server as nginx
from .canary import Canary
from .cutover import CutOver
from .pending import Pending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.handler import State
    from ..engine.run import Run


AGAIN = 0.2  # seconds after an answer that was dropped
PAUSES = (0.0, 0.2, 1.0, 2.0)  # seconds before each look at what serves


@handles("serving")
class Serving(Handler):
    """The app's processes run this run's release; one that is not well is not put live."""

    keys = ("release", "listening", "answers")
    detached = True
    health: str
    expected: tuple[int, ...] = ()
    cutover: str
    drain: int

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(run.place)
        self.service = Service(run)
        self.verdicts = Verdicts(run.place)
        self._complained = ""
        self._health = Health(self.health, self.expected)

    def wanted(self) -> State:
        """The release that this run is about: made or found in it, else the one that is live."""
        release = release_of(self.run)
        return {"release": release, "listening": True, "answers": True}

    def actual(self) -> State:
        """What `current` and all processes agree on, the socket, and the health path's answer."""
        wanted = self.wanted()["release"]
        self._tell_commit(wanted)
        live, view = self.releases.current(), self.service.look()
        # In a transaction an old slot may still end: its commit sees to that.
        looked_at = view.serving if self.run.detached else view.occupied
        running = live if view.releases(looked_at) == {live} else None
        self._complained = self._complaint() if running == wanted else ""
        return {
            "release": running,
            "listening": view.is_listening,
            "answers": running == wanted and not self._complained,
        }

    def fix(self, differing: list[str]) -> None:
        """Try the release as a canary, switch to it, and see that it serves; raises Failed."""
        release = self.wanted()["release"]
        before = self._before(release)
        Credentials(self.run).withhold(release)  # from lines of the journal
        self._must_suit_nginx(release)
        pending = Pending(self.run.place)
        pending.note(release=release, before=before)
        self.run.phase("canary")
        canary = Canary(self.run, release)
        self.run.about.boot = canary.must_answer(self._health)
        self.run.phase("switch")
        pending.note(switched=True)
        self._put_live(release)
        self.run.about.undo = self._undo(release, before)

    def note(self) -> str:
        """Give the seconds that the app took to boot; empty where it was not started."""
        boot = self.run.about.boot
        return "boots in %.1f s" % boot if boot is not None else ""

    def _tell_commit(self, release: str) -> None:
        manifest = self.releases.manifest(release)
        if self.run.about.commit is None:
            self.run.about.commit = manifest.get("commit", "")
        self.run.about.subject = manifest.get("subject", "")

    def _before(self, release: str) -> str:
        """Give the release to go back to; empty where nothing was ever served.

        `current` may name `release` already, and its processes something else, or nothing run.
        """
        live = self.releases.current()
        if live and live != release:
            return live
        served = [one for one in self.verdicts.served() if self.releases.manifest(one)]
        return release if release in served else (served or [""])[-1]

    def _must_suit_nginx(self, release: str) -> None:
        """Test nginx's configuration with the release's site in it, before the switch brings it.

        What is wrong with another's site is said now, too.
        """
        site = os.path.join(candidate.HOME, "sites-available", self.run.place.name)
        data = disk.read(self.releases.path(release) + site)
        known = disk.read(self.releases.path(self.releases.current()) + site)
        if data is not None and data != known:
            candidate.check(self.run, site, lambda path: disk.write(path, data))
        elif data is not None and nginx.installed():
            nginx.syntax(self.run)

    def unmet(self, actual: State, differing: list[str]) -> Failed:
        """Give the Failed of an app that was well after the switch and is not any more."""
        return self._unwell(actual["release"] or "", self._complained or "its processes differ")

    def _put_live(self, release: str) -> None:
        cutover = CutOver(self.run, self.cutover, self.drain)
        try:
            cutover.to(release)
        except Failed as trouble:
            why = trouble.why or trouble.what
            raise self._unwell(release, why, trouble.log, trouble.next) from None
        self.run.phase("verify")
        self.must_serve(release)

    def must_serve(self, release: str, alone: bool = False) -> None:
        """Ask until it answers well, and all that serves runs from it; raises Unwell.

        systemd takes a moment to begin with the end of an old slot. alone: nothing else may run in
        any slot, whatever systemd says of that.
        """
        for pause in PAUSES:
            time.sleep(pause)
            asked = time.monotonic()
            complaint = self._complaint() or self._elsewhere(release, alone)
            if not complaint:
                return
            if time.monotonic() - asked > PATIENCE:
                break  # each question that hangs keeps a thread from the visitors
        raise self._unwell(release, complaint)

    def _elsewhere(self, release: str, alone: bool) -> str:
        view = self.service.look()
        running = view.releases(view.occupied if alone else view.serving)
        if running == {release} and not (alone and view.ending):
            return ""
        return "it runs from %s" % (", ".join(sorted(running)) or "nowhere")

    def _unwell(self, release: str, why: str, log: Sequence[str] = (), advice: str = "") -> Unwell:
        """Say why it does not serve: in the app's own words, where it left some."""
        told = failures.explained(self.service.lines(), facts_of(self.run.place, release), why)
        told.log, told.next = told.log or list(log), advice or told.next
        told.log += self._health.said
        return unwell(told, why, "release %s does not serve" % release)

    def _complaint(self) -> str:
        """Ask the health path; gives what is wrong with the answer.

        Workers of an old gunicorn that are about to end drop what they have accepted.
        """
        complaint = ""
        for _ in range(3):
            try:
                return self._health.complaint_at(ask, self.service.socket, self.run.site)
            except OSError as error:
                complaint = self._health.unanswered(error)
                if not isinstance(error, ConnectionError):
                    return complaint
                time.sleep(AGAIN)
        return complaint

    def _undo(self, release: str, before: str) -> str:
        """Give the task that leads back; empty where nothing was live before."""
        if before in ("", release):
            return ""
        is_default = self.verdicts.before(release, self.releases.ids()) == before
        return "rollback" if is_default else "rollback --to " + before
