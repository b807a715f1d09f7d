"""The release that a rollback leads to: a good one, and still what it was when it was made."""

from __future__ import annotations

from . import ahead
from .backups import Backups
from .code import altered
from .credentials import Credentials
from .formersite import FormerSite
from .handler import Act, Failed, handles
from .releases import Releases
from .venvmarks import VenvMarks
from .verdicts import Verdicts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State
    from .run import Run

SHOWN = 5  # files that are named


@handles("earlier")
class Earlier(Act):
    """The release `to`, else the last good one before the live one; from now on the run's."""

    reads = True
    app_root: str
    app: str
    to: str
    scheme: str
    site_name: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(self.app_root)
        self.verdicts = Verdicts(run.state)
        self.credentials = Credentials(run, self.app_root)

    def act(self) -> State:
        """Give where it leads from and to; raises Failed where it cannot."""
        live = self.releases.current()
        release = self._chosen() if self.to else self._before(live)
        self._must_be_whole(release)
        self._must_suit(release)
        self._say_what_stays(release)
        self._say_what_is_older(release)
        commit = self.releases.manifest(release).get("commit", "")
        self.run.facts.update(release=release, commit=commit)
        return {"from": live or "nothing", "to": release, "commit": commit}

    def _say_what_stays(self, release: str) -> None:
        said = ahead.beyond(self.verdicts, Backups(self.app_root), release)
        if said:
            self.run.notice(said)

    def _say_what_is_older(self, release: str) -> None:
        """Name the secrets that have changed since: a database takes the new password only."""
        old = self.credentials.marks(self.credentials.of(release))
        new = self.credentials.marks(self.credentials.of_live())
        changed = [name for name in sorted(old) if new.get(name, old[name]) != old[name]]
        if changed:
            commit = self.releases.manifest(release)["commit"]
            said = "it has older values of %s; if they are refused: ./fab deploy --ref %s"
            self.run.notice(said % (", ".join(changed), commit))

    def _known(self) -> list[str]:
        served = self.verdicts.served()
        return [release for release in self.releases.ids() if release in served]

    def _chosen(self) -> str:
        if self.to in self._known():
            return self.to
        is_here = self.to in self.releases.ids()
        trouble = "was never live" if is_here else "is not on the host"
        known = ", ".join(self._known()) or "none"
        what, why = "release %s %s" % (self.to, trouble), "those that were live: %s" % known
        raise Failed(what, why, next="./fab releases tells more of them")

    def _before(self, live: str) -> str:
        release = self.verdicts.before(live, self.releases.ids())
        if release:
            return release
        what = "there is no good release before %s" % (live or "the first one")
        raise Failed(what, next="./fab releases lists them; ./fab deploy --ref makes another")

    def _must_be_whole(self, release: str) -> None:
        place = self.releases.path(release)
        advice = "./fab deploy --ref %s makes it anew" % self.releases.manifest(release)["commit"]
        venv = self.releases.manifest(release).get("venv", "")
        if not VenvMarks(self.run.state, self.app_root).is_usable(venv):
            raise Failed("release %s has lost its environment" % release, next=advice)
        if not self.credentials.is_here(self.credentials.of(release)):
            raise Failed("release %s has lost its secrets" % release, next=advice)
        differing = altered(place, self.releases.manifest(release)["files"])
        if differing:
            what = "release %s is not what was deployed" % release
            why = "%d of its files are not as its manifest says" % len(differing)
            raise Failed(what, why, differing[:SHOWN], advice)

    def _must_suit(self, release: str) -> None:
        """Refuse a site that is elsewhere than hosts.toml says, or whose certificate is gone."""
        site = FormerSite(self.releases.path(release), self.app)
        if not site.names:
            return
        commit = self.releases.manifest(release)["commit"]
        if site.gone():
            what = "release %s names a certificate that is gone" % release
            advice = "./fab deploy --ref %s makes it anew" % commit
            raise Failed(what, "nginx would not start with its site", site.gone(), advice)
        if site.scheme != self.scheme or self.site_name not in site.names:
            what = "release %s has its site at another address than hosts.toml says" % release
            why = "a rollback would bring %s://%s back" % (site.scheme, site.names[0])
            advice = "set `domain` and `tls` back, then roll back; or ./fab deploy --ref %s"
            raise Failed(what, why, next=advice % commit)
