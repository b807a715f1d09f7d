"""What a careful reader of the guide looks at by hand once all is done, in a table."""

from __future__ import annotations

from . import deployed, filesof, outbound, reached, servedlinks
from .errors import Wrong
from .findings import is_wrong, rows, wrong
from .handler import Failed, handles
from .releases import Releases
from .site import Site

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State

CHECKS = (
    ("transaction", deployed.transaction),
    ("maintenance", deployed.closed),
    ("manifest", deployed.manifests),
    ("processes", deployed.processes),
    ("outbound", outbound.isolation),
    ("permissions", deployed.permissions),
    ("nginx", deployed.configuration),
    ("site", reached.answers),
    ("redirect", reached.redirects),
    ("certificate", reached.certificates),
    ("headers", reached.headers),
    ("static files", filesof.static),
    ("links", servedlinks.links),
    ("unknown names", reached.strangers),
    ("source files", filesof.source),
)


@handles("verify")
class Verify(Site):
    """The live release and its site, looked at as a visitor and as root."""

    reads = True
    graded: tuple[str, str] | None
    opened: tuple[str, str, str] | None

    def act(self) -> State:
        """Give a row for each thing that was looked at; raises Wrong where one is."""
        if not Releases(self.app_root).current():
            raise Failed("%s has no release to verify" % self.app, next="./fab deploy makes one")
        found = [row for heading, check in CHECKS for row in rows(heading, check(self))]
        if self.opened:
            looked_at, said, told = self.opened
            found += rows("URL", [(looked_at, wrong(said) if said or not told else told)])
        if self.graded:
            looked_at, said = self.graded
            found += rows("TLS grade", [(looked_at, wrong(said))])
        answer, off = {"checks": found}, sum(map(is_wrong, found))
        if off:
            what = "%d of %d are not as they should be" % (off, len(found))
            raise Wrong(answer, what)
        return answer
