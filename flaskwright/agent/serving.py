"""The switch: `current` names the release, its processes run it, and it answers. Or none of it."""

from __future__ import annotations

import os
import time

from . import candidate, disk
from .asking import ask, is_good
from .handler import Failed, Handler, NotYet, handles
from .releases import Releases
from .service import Service
from .text import now
from .tracebacks import exception_in, from_the_app
from .verdicts import FAILED, SERVING, Verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .handler import State
    from .run import Run

PAUSES = (0.0, 0.3, 1.0, 2.0)  # seconds before each request for the health path
PATIENCE = 20.0  # seconds after which no further request is sent


@handles("serving")
class Serving(Handler):
    """The app's unit runs this run's release; one that does not come up is not left live."""

    keys = ("release", "listening", "answers")
    app_root: str
    app: str
    health: str
    host_header: str
    timeout: int

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(self.app_root)
        self.service = Service(run, self.app, self.app_root)
        self.verdicts = Verdicts(run.state)

    def wanted(self) -> State:
        """The release that this run is about: made or found in it, else the one that is live."""
        release = self.run.facts.get("release", self.releases.current())
        if not release:
            raise NotYet("the release is made")
        return {"release": release, "listening": True, "answers": True}

    def actual(self) -> State:
        """What `current` and all processes agree on, the socket, and the health path's answer."""
        wanted = self.wanted()["release"]
        live = self.releases.current()
        running = live if self.service.releases_run() == {live} else None
        return {
            "release": running,
            "listening": self.service.is_listening(),
            "answers": running == wanted and not self._complaint(is_good),
        }

    def fix(self, differing: list[str]) -> None:
        """Switch and restart; whatever goes wrong then, go back to what was served before."""
        release = self.wanted()["release"]
        before = self._before(release)
        self._must_suit_nginx(release)
        try:
            self._put_live(release)
            self._must_serve(release, is_good)
        except Exception as trouble:
            raise self._undone(release, before, trouble) from None
        self._record(release, SERVING)
        self.run.facts["undo"] = self._undo(release, before)

    def _before(self, release: str) -> str:
        """Give the release to go back to; empty where nothing was ever served.

        `current` may name `release` already: left by a run that was cut off.
        """
        live = self.releases.current()
        if live and live != release:
            return live
        served = [one for one in self.verdicts.served() if self.releases.manifest(one)]
        return release if release in served else (served or [""])[-1]

    def _must_suit_nginx(self, release: str) -> None:
        """Test nginx's configuration with the release's site in it, before the switch brings it."""
        site = os.path.join(candidate.HOME, "sites-available", self.app)
        data = disk.read(self.releases.path(release) + site)
        if data is not None:
            candidate.check(self.run, site, lambda path: disk.write(path, data))

    def _put_live(self, release: str) -> None:
        live = self.releases.current()
        if live != release:
            self.releases.switch(release)
        self.service.restart(reload=self._unit_text(live) != self._unit_text(release))

    def _unit_text(self, release: str) -> bytes | None:
        unit = os.path.join("etc/systemd/system", self.service.unit)
        return disk.read(os.path.join(self.releases.path(release), unit)) if release else None

    def _must_serve(self, release: str, accept: Callable[[int], bool]) -> None:
        """Ask until an answer's status is accepted, then look where the processes run from."""
        complaint = ""
        deadline = time.monotonic() + PATIENCE
        for pause in PAUSES:
            time.sleep(pause)
            complaint = self._complaint(accept)
            if not complaint or time.monotonic() > deadline:
                break
        running = self.service.releases_run()
        if running != {release}:
            complaint = complaint or "it runs from %s" % (", ".join(sorted(running)) or "nowhere")
        if complaint:
            raise Failed("release %s is not well" % release, complaint)

    def _complaint(self, accept: Callable[[int], bool]) -> str:
        """Ask the health path once; gives what is wrong with the answer."""
        try:
            status = ask(self.service.socket, self.health, self.host_header).status
        except OSError as error:
            return "%s gives no answer: %s" % (self.health, error)
        return "" if accept(status) else "%s answers %d" % (self.health, status)

    def _undone(self, release: str, before: str, trouble: Exception) -> Failed:
        log = from_the_app(self.service.lines(), self.releases.path(release))
        parts = trouble.why or trouble.what if isinstance(trouble, Failed) else str(trouble)
        serves = self._go_back(release, before)
        self._record(release, FAILED)
        what = "release %s does not serve: %s" % (release, exception_in(log) or parts)
        advice = "correct it (or `health` in hosts.toml), commit, and deploy again"
        return Failed(what, serves, log, advice)

    def _go_back(self, release: str, before: str) -> str:
        """Put what was live before live again; gives a sentence on what the host serves now."""
        if before == release:
            return "it is the release that was live before; nothing else was changed"
        try:
            if not before:
                self.service.stop()
                self.releases.switch("")
                return "the host serves nothing yet"
            self._put_live(before)
            self._must_serve(before, bool)  # it may not know the health path of today
        except Exception as worse:
            return "release %s did not come back: %s" % (before or "-", worse)
        return "the host serves release %s, as before" % before

    def _undo(self, release: str, before: str) -> str:
        """Give the task that leads back; empty where nothing was live before."""
        if before in ("", release):
            return ""
        is_default = self.verdicts.before(release, self.releases.ids()) == before
        return "rollback" if is_default else "rollback --to " + before

    def _record(self, release: str, verdict: str) -> None:
        commit = self.releases.manifest(release).get("commit", "")
        self.verdicts.add(id=release, commit=commit, verdict=verdict, since=now(), who=self.run.who)
