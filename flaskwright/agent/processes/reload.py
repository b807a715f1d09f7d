"""gunicorn's HUP, with a look before and after it: every worker new, none of them unwell."""

from __future__ import annotations

import time

from ..app import failures
from ..app.advice import unwell
from ..app.manifest import altered
from ..app.release_facts import facts_of
from ..app.releases import Releases
from ..engine.errors import Failed
from ..engine.handler import Act, handles
from ..releases.release import CONFIGURATION
from ..secrets.store import Credentials
from ..web.health import Health
from ..web.http import ask
from .slots import Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run
    from .slots import View


PAUSE = 0.1  # seconds between two looks at the workers
NEXT = "./fab deploy makes a release of it that cannot speak to systemd"
MARGIN = 10  # seconds for what comes on top of the requests in flight


@handles("reload")
class Reload(Act):
    """New workers for the live release; where they do not come up, the old ones serve on."""

    health: str
    expected: tuple[int, ...] = ()
    drain: int

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(run.place)
        self.service = Service(run)
        self.release = self.releases.current()
        self.slot = ""

    def act(self) -> State:
        """Reload, and give who serves now; raises Failed where the old workers do."""
        self._must_be_reloadable()
        Credentials(self.run).withhold(self.release)
        view = self.service.look()
        self.slot = view.serving[0]
        old = view.workers(self.slot)
        self._reload(view)
        self._wait(view, old)
        complaint = self._complaint()
        if complaint:
            raise self._failed(complaint, "all workers are new; look at `./fab logs`")
        return {
            "release": self.release,
            "workers": _listed(self.service.look().workers(self.slot)),
            "instead of": _listed(old),
        }

    def _must_be_reloadable(self) -> None:
        if not self.release:
            raise Failed(
                "%s has no release to reload" % self.run.place.name, next="./fab deploy makes one"
            )
        noted = self.releases.manifest(self.release).get("files", {})
        if CONFIGURATION in altered(self.releases.path(self.release), noted):
            what = "%s of release %s was changed by hand" % (CONFIGURATION, self.release)
            why = "gunicorn would end, should it not be able to read it"
            raise Failed(what, why, next="./fab deploy makes a release with settings of ours")
        complaint = self._complaint()
        if complaint:
            what = "%s is not well, so it is not reloaded" % self.run.place.name
            raise Failed(what, complaint, next="./fab gunicorn.restart, or ./fab deploy")

    def _reload(self, view: View) -> None:
        """Tell gunicorn; raises Failed where the new workers are not ready."""
        if view.is_misled(self.slot):
            what = "systemd takes another process of %s for gunicorn" % self.slot
            raise Failed(what, "the app has told it so", next=NEXT)
        try:
            self.service.reload(self.slot)
        except Failed as failed:
            trouble = failed.why or failed.what
            self._must_live_on(view)
            raise self._failed(trouble, "the old workers serve on") from None

    def _must_live_on(self, before: View) -> None:
        if self.service.look().main(self.slot) != before.main(self.slot):
            raise self._failed("gunicorn ended", "systemd has started it anew")

    def _complaint(self) -> str:
        """Say what is wrong with what serves; empty: nothing."""
        view = self.service.look()
        running = view.releases(view.occupied)
        if running != {self.release}:
            return "it runs from %s" % (", ".join(sorted(running)) or "nowhere")
        health = Health(self.health, self.expected)
        return health.trouble_at(ask, self.service.socket, self.run.site)

    def _wait(self, before: View, old: set[int]) -> None:
        """Wait until no old worker is left: those with a request in flight have `drain` seconds."""
        slot, deadline = self.slot, time.monotonic() + self.drain + MARGIN
        while True:
            view = self.service.look()
            if view.workers(slot) and not view.workers(slot) & old:
                return
            says = view.says(slot)
            if says != before.says(slot) and says.startswith("reload refused"):
                raise self._failed(says, "the old workers serve on")
            self._must_live_on(before)
            if time.monotonic() > deadline:
                raise self._failed("old workers are still there", "it says: %s" % says)
            time.sleep(PAUSE)

    def _failed(self, trouble: str, serves: str) -> Failed:
        facts = facts_of(self.run.place, self.release)
        told = failures.explained(self.service.lines(), facts, trouble)
        return unwell(told, trouble, "release %s is not reloaded" % self.release, serves)


def _listed(workers: set[int]) -> str:
    return ", ".join(map(str, sorted(workers)))
