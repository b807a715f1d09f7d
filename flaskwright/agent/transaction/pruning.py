"""What no rollback needs any more: old releases, failed ones, what only they used, old backups."""

from __future__ import annotations

import os

from ..app.history import Verdicts
from ..app.releases import MANIFEST, Releases
from ..databases.backups import Backups
from ..engine.errors import NotYet
from ..engine.handler import Handler, handles
from ..engine.procfs import mentioning
from ..git.commits import Commits
from ..secrets.store import Credentials
from ..system import disk
from ..system.disk import remove_tree
from ..system.owners import users_of_app
from ..venvs.notes import VenvMarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


# what there can be too much of, as it is told before a name
RELEASE, VENV, COMMIT, BACKUP = "releases/", "venvs/", "commit ", "backups/"
SECRETS = "secrets "


@handles("kept")
class Kept(Handler):
    """The last `keep` good releases, what runs, the last `keep` backups, and nothing else."""

    keys = ("surplus",)
    detached = after_commit = True
    keep: int

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(run.place)
        self.verdicts = Verdicts(run.place)
        self.backups = Backups(run.place)
        self.commits = Commits(run)
        self.credentials = Credentials(run)
        self.marks = VenvMarks(run.place)

    def wanted(self) -> State:
        """Give {"surplus": []}: nothing on the host that no kept release needs."""
        return {"surplus": []}

    def actual(self) -> State:
        """The releases, environments and commits that can go; known when the release is live."""
        if self.run.checking and self.run.changed("serving"):
            raise NotYet("the release is live")
        return {"surplus": self._surplus()}

    def fix(self, differing: list[str]) -> None:
        """Remove them; what tells that one is whole goes first, should it be cut off."""
        remove = {
            RELEASE: self._remove_release,
            VENV: self._remove_venv,
            COMMIT: self.commits.forget,
            SECRETS: self.credentials.remove,
            BACKUP: self.backups.remove,
        }
        for kind, name in self._surplus():
            remove[kind](name)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name each release, environment, commit, secret and backup that would be removed."""
        return ["removes %s%s" % one for one in actual["surplus"]]

    def _remove_release(self, name: str) -> None:
        path = self.run.place.release(name)
        if os.path.isdir(path) and not os.path.islink(path):
            disk.remove(os.path.join(path, MANIFEST))
        remove_tree(path)

    def _remove_venv(self, name: str) -> None:
        self.marks.forget(name)
        remove_tree(self.run.place.venv(name))

    def _surplus(self) -> list[tuple[str, str]]:
        place, kept = self.run.place, self._kept()
        manifests = [self.releases.manifest(release) for release in kept]
        venvs = {manifest.get("venv") for manifest in manifests} | self._running(place.venvs)
        commits = {manifest.get("commit") for manifest in manifests}
        secrets = {manifest.get("credential") for manifest in manifests}
        needed = self.verdicts.backup(self.releases.current())  # whatever the clock said
        return [
            *((RELEASE, name) for name in _names(place.releases) if name not in kept),
            *((VENV, name) for name in _names(place.venvs) if name not in venvs),
            *((COMMIT, one) for one in self.commits.all_kept() if one not in commits),
            *((SECRETS, one) for one in self.credentials.names() if one not in secrets),
            *((BACKUP, one) for one in self.backups.surplus(self.keep, needed)),
        ]

    def _kept(self) -> set[str]:
        here, live = self.releases.ids(), self.releases.current()
        good = [release for release in self.verdicts.good() if release in here]
        before = self.verdicts.before(live, here)
        running = self._running(self.run.place.releases)
        return ({live, before, *good[-self.keep :]} | running) - {""}

    def _running(self, directory: str) -> set[str]:
        return mentioning(directory + "/", users_of_app(self.run.place.name))


def _names(directory: str) -> list[str]:
    return sorted(os.listdir(directory)) if os.path.isdir(directory) else []
