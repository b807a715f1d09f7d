"""An earlier release put live again."""

from __future__ import annotations

import os
import re

from ..app.history import Verdicts
from ..app.manifest import altered
from ..app.releases import Releases
from ..databases import schema
from ..databases.backups import Backups
from ..engine.errors import Failed
from ..engine.handler import Act, handles
from ..secrets.store import Credentials
from ..system import disk
from ..venvs.notes import VenvMarks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


CERTIFICATE = re.compile(r"^\s*ssl_certificate(?:_key)?\s+(\S+);", re.MULTILINE)

NAMES = re.compile(r"^\s*server_name\s+(.+);", re.MULTILINE)


HOSTNAME = "$hostname"  # among the names of each site without a domain

SHOWN = 5  # files that are named


class FormerSite:
    """What a release's own copy of the site says; `place` is the release's directory."""

    def __init__(self, place: str, app: str) -> None:
        path = os.path.join(place, "etc", "nginx", "sites-available", app)
        text = (disk.read(path) or b"").decode("utf-8", "replace")
        self.certificates = CERTIFICATE.findall(text)
        self.names = " ".join(NAMES.findall(text)).replace('"', "").split()

    @property
    def scheme(self) -> str:
        """`https` where the release's site had a certificate, else `http`."""
        return "https" if self.certificates else "http"

    def gone(self) -> list[str]:
        """Give what it takes from a certificate that is not there any more."""
        return sorted({path for path in self.certificates if not os.path.exists(path)})


@handles("earlier")
class Earlier(Act):
    """The release `to`, else the last good one before the live one; from now on the run's."""

    reads = True
    to: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(run.place)
        self.verdicts = Verdicts(run.place)
        self.credentials = Credentials(run)

    def act(self) -> State:
        """Give the releases that a rollback leads from and to; raises Failed where it cannot."""
        live = self.releases.current()
        release = self._chosen() if self.to else self._before(live)
        self._must_be_whole(release)
        self._must_suit(release)
        self._say_what_stays(release)
        self._say_what_is_older(release)
        commit = self.releases.manifest(release).get("commit", "")
        self.run.about.release, self.run.about.commit = release, commit
        return {"from": live or "nothing", "to": release, "commit": commit}

    def _say_what_stays(self, release: str) -> None:
        said = schema.beyond(self.verdicts, Backups(self.run.place), release)
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
        if not VenvMarks(self.run.place).is_usable(venv):
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
        former = FormerSite(self.releases.path(release), self.run.place.name)
        site = self.run.site
        if not former.names:
            return
        commit = self.releases.manifest(release)["commit"]
        if former.gone():
            what = "release %s names a certificate that is gone" % release
            advice = "./fab deploy --ref %s makes it anew" % commit
            raise Failed(what, "nginx would not start with its site", former.gone(), advice)
        if former.scheme != site.scheme or (site.domain or HOSTNAME) not in former.names:
            what = "release %s has its site at another address than hosts.toml says" % release
            why = "a rollback would bring %s://%s back" % (former.scheme, former.names[0])
            advice = "set `domain` and `tls` back, then roll back; or ./fab deploy --ref %s"
            raise Failed(what, why, next=advice % commit)
