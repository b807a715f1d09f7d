"""What is on the host, held against what was deployed: files, processes, answers."""

from __future__ import annotations

import os

from . import disk
from .asking import ask, is_good
from .code import altered
from .credentials import Credentials
from .environment import COMPLETE
from .handler import Act, Failed, handles
from .pending import Pending
from .releases import Releases
from .service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State

SHOWN = 5  # files that are named


@handles("verify")
class Verify(Act):
    """Each release is what its manifest says, and the live one is what runs and answers."""

    reads = True
    app_root: str
    app: str
    health: str
    host_header: str

    def act(self) -> State:
        """Give what was looked at; raises Failed with all that is wrong."""
        releases = Releases(self.app_root)
        if not releases.current():
            raise Failed("%s has no release to verify" % self.app, next="./fab deploy makes one")
        wrong = [line for release in releases.ids() for line in self._files(releases, release)]
        wrong += self._live(releases.current())
        if wrong:
            what = "the host is not as it was deployed"
            raise Failed(what, log=wrong, next="./fab deploy makes it so again")
        return {
            "release": releases.current(),
            "files": sum(len(releases.manifest(one)["files"]) for one in releases.ids()),
            "releases": len(releases.ids()),
            "verified": True,
        }

    def _files(self, releases: Releases, release: str) -> list[str]:
        place = releases.path(release)
        differing = altered(place, releases.manifest(release)["files"])
        wrong = ["release %s: %s is not as deployed" % (release, name) for name in differing]
        if disk.read(os.path.join(place, ".venv", COMPLETE)) is None:
            wrong.append("release %s has lost its environment" % release)
        credential = releases.manifest(release).get("credential")
        if credential and not Credentials(self.run).is_here(credential):
            wrong.append("release %s has lost its secrets" % release)
        return wrong[:SHOWN]

    def _live(self, release: str) -> list[str]:
        service = Service(self.run, self.app, self.app_root)
        view, wrong = service.look(), []
        running = view.releases()
        if running != {release}:
            wrong.append("what runs is %s" % (", ".join(sorted(running)) or "nothing"))
        if not view.is_listening:
            wrong.append("%s does not listen" % service.socket_unit)
        else:
            wrong += self._answer(service.socket)
        pending = Pending(self.run.state).read()
        return wrong + (["a transaction is open: %s" % pending["id"]] if pending else [])

    def _answer(self, socket: str) -> list[str]:
        try:
            status = ask(socket, self.health, self.host_header).status
        except OSError as error:
            return ["%s gives no answer: %s" % (self.health, error)]
        return [] if is_good(status) else ["%s answers %d" % (self.health, status)]
