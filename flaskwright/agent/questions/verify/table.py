"""What a careful reader of the guide looks at by hand once all is done, in a table."""

from __future__ import annotations

from ...app.releases import Releases
from ...engine.errors import Failed, Wrong
from ...engine.handler import handles
from . import files as file_checks
from . import host as host_checks
from . import outbound, served_links, visitors
from .findings import is_wrong, rows, wrong
from .site import SiteLook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State


CHECKS = (
    ("transaction", host_checks.transaction),
    ("maintenance", host_checks.closed),
    ("manifest", host_checks.manifests),
    ("processes", host_checks.processes),
    ("outbound", outbound.isolation),
    ("permissions", host_checks.permissions),
    ("nginx", host_checks.configuration),
    ("site", visitors.answers),
    ("redirect", visitors.redirects),
    ("certificate", visitors.certificates),
    ("headers", visitors.headers),
    ("static files", file_checks.static),
    ("links", served_links.links),
    ("unknown names", visitors.strangers),
    ("source files", file_checks.source),
)


@handles("verify")
class Verify(SiteLook):
    """The live release and its site, looked at as a visitor and as root."""

    reads = True
    graded: tuple[str, str] | None
    opened: tuple[str, str, str] | None

    def act(self) -> State:
        """Give a row for each thing that was looked at; raises Wrong where one is."""
        if not Releases(self.run.place).current():
            raise Failed(
                "%s has no release to verify" % self.run.place.name, next="./fab deploy makes one"
            )
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
