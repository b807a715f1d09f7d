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


RELEASE, VENV, COMMIT, BACKUP = "releases/", "venvs/", "commit ", "backups/"
SECRETS = "secrets "


@handles("kept")
class Kept(Handler):
    """The last `keep` good releases, what runs, the last `keep` backups, and nothing else."""

    keys = ("surplus",)
    detached = after_commit = True
    app_root: str
    app: str
    keep: int

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(self.app_root)
        self.verdicts = Verdicts(run.state)
        self.backups = Backups(self.app_root)
        self.commits = Commits(run, os.path.join(self.app_root, "repo.git"))
        self.credentials = Credentials(run, self.app_root)
        self.marks = VenvMarks(run.state, self.app_root)

    def wanted(self) -> State:
        """Give {"surplus": []}: nothing on the host that no kept release needs."""
        return {"surplus": []}

    def actual(self) -> State:
        """The releases, environments and commits that can go; known when the release is live."""
        if self.run.checking and self.run.changed("serving:" + self.app_root):
            raise NotYet("the release is live")
        return {"surplus": self._surplus()}

    def fix(self, differing: list[str]) -> None:
        """Remove them; what tells that one is whole goes first, should it be cut off."""
        for one in self._surplus():
            if one.startswith(COMMIT):
                self.commits.forget(one[len(COMMIT) :])
            elif one.startswith(BACKUP):
                self.backups.remove(one[len(BACKUP) :])
            elif one.startswith(SECRETS):
                self.credentials.remove(one[len(SECRETS) :])
            else:
                self._remove(one)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name each release, environment, commit, secret and backup that would be removed."""
        return ["removes %s" % one for one in actual["surplus"]]

    def _remove(self, one: str) -> None:
        path = os.path.join(self.app_root, one)
        if one.startswith(VENV):
            self.marks.forget(one[len(VENV) :])
        elif os.path.isdir(path) and not os.path.islink(path):
            disk.remove(os.path.join(path, MANIFEST))
        remove_tree(path)

    def _surplus(self) -> list[str]:
        kept = self._kept()
        manifests = [self.releases.manifest(release) for release in kept]
        venvs = {manifest.get("venv") for manifest in manifests} | self._running(VENV)
        commits = {manifest.get("commit") for manifest in manifests}
        secrets = {manifest.get("credential") for manifest in manifests}
        needed = self.verdicts.backup(self.releases.current())  # whatever the clock said
        return [
            *(RELEASE + name for name in self._names(RELEASE) if name not in kept),
            *(VENV + name for name in self._names(VENV) if name not in venvs),
            *(COMMIT + one for one in self.commits.all_kept() if one not in commits),
            *(SECRETS + one for one in self.credentials.names() if one not in secrets),
            *(BACKUP + one for one in self.backups.surplus(self.keep, needed)),
        ]

    def _kept(self) -> set[str]:
        here, live = self.releases.ids(), self.releases.current()
        good = [release for release in self.verdicts.good() if release in here]
        before = self.verdicts.before(live, here)
        return ({live, before, *good[-self.keep :]} | self._running(RELEASE)) - {""}

    def _running(self, part: str) -> set[str]:
        return mentioning(os.path.join(self.app_root, part), users_of_app(self.app))

    def _names(self, part: str) -> list[str]:
        place = os.path.join(self.app_root, part)
        return sorted(os.listdir(place)) if os.path.isdir(place) else []
