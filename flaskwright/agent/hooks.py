"""The app's own commands around a switch: in the new release, under the lock of the transaction."""

from __future__ import annotations

from .handler import Failed, Handler, NotYet, handles
from .inrelease import release_of, run_in
from .releases import Releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State
    from .run import Run


class Hook(Handler):
    """What both have in common: the release that it is about, and that it ran for it."""

    keys = ("ran",)
    detached = True
    app_root: str
    app: str
    argv: tuple[str, ...]

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(self.app_root)

    def wanted(self) -> State:
        """The release that this run is about."""
        return {"ran": release_of(self.run, self.app_root)}

    def actual(self) -> State:
        """The same once it ran, or where there is no reason to."""
        release = self.wanted()["ran"]
        has_run = self.run.cache.get(self.kind) == release
        return {"ran": None if self.is_due(release) and not has_run else release}

    def is_due(self, release: str) -> bool:
        """Tell whether there is a reason to run it."""
        raise NotImplementedError

    def fix(self, differing: list[str]) -> None:
        """Run it; raises Failed with its last lines."""
        release = self.wanted()["ran"]
        self.run.phase("hook")
        name = "the hook " + self.kind.replace("-", "_")
        try:
            run_in(self, release, name)
        except Failed as failed:
            failed.next = failed.next or "correct it, commit, and deploy again"
            raise
        self.run.cache[self.kind] = release


@handles("before-switch")
class BeforeSwitch(Hook):
    """A command before the release goes live."""

    def is_due(self, release: str) -> bool:
        """It is not live yet."""
        return release != self.releases.current()


@handles("after-commit")
class AfterCommit(Hook):
    """A command once this run has made a release live; whatever comes of it, that stays."""

    def is_due(self, release: str) -> bool:
        """This run has made it live."""
        if self.run.checking and self.run.changed("serving:" + self.app_root):
            raise NotYet("the release is live")
        return self.run.changed("serving:" + self.app_root)

    def fix(self, differing: list[str]) -> None:
        """Run it; a failure is for a person to look at."""
        try:
            super().fix(differing)
        except Failed:
            about = "release %s is live and stays, but its hook after_commit did not end well"
            self.run.facts["person"] = about % self.wanted()["ran"]
            raise
