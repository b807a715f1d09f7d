"""What is on the host, held against what was deployed: files, processes, configuration."""

from __future__ import annotations

from ...app.manifest import altered
from ...app.releases import Releases
from ...processes.slots import Service
from ...releases import permissions as permitted
from ...secrets.store import Credentials
from ...transaction.pending import Pending
from ...venvs.notes import VenvMarks
from ...web import maintenance
from ...web.health import Health
from ...web.http import ask
from ...web.nginx import candidate
from ...web.nginx import server as nginx
from .findings import OK, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...processes.slots import View
    from .findings import Finding
    from .site import SiteLook


SHOWN = 5  # files that are named


def manifests(site: SiteLook) -> Iterator[Finding]:
    """Hold every release against its manifest, the live one first."""
    releases, credentials = Releases(site.run.place), Credentials(site.run)
    marks = VenvMarks(site.run.place)
    live = releases.current()
    for release in sorted(releases.ids(), key=lambda one: one != live):
        noted = releases.manifest(release)["files"]
        differing = altered(releases.path(release), noted)
        said = ["%s is not as deployed" % name for name in differing[:SHOWN]]
        if not marks.is_usable(releases.manifest(release).get("venv", "")):
            said.append("it has lost its environment")
        if not credentials.is_here(credentials.of(release)):
            said.append("it has lost its secrets")
        which = "live release" if release == live else "release"
        if said and release != live:
            said.append("no rollback leads to it")
        yield "%s %s: %d files" % (which, release, len(noted)), wrong("; ".join(said))


def processes(site: SiteLook) -> Iterator[Finding]:
    """See whether what runs is the live release, and nothing else."""
    live = Releases(site.run.place).current()
    service = Service(site.run)
    view = service.look()
    running, count = view.releases(view.occupied), len(view.processes(view.occupied))
    said = (
        "" if running == {live} else "what runs is %s" % (", ".join(sorted(running)) or "nothing")
    )
    if view.ending:
        said = "; ".join(filter(None, [said, "%s should have ended" % ", ".join(view.ending)]))
    yield "%s: %d processes" % (", ".join(view.told()) or site.run.place.name, count), wrong(said)
    yield "%s%s" % (service.socket, site.health), wrong(_answer(site, service, view))


def configuration(site: SiteLook) -> Iterator[Finding]:
    """See whether nginx has taken what is on the disk."""
    said = "" if nginx.is_live() else "it is not in force; nginx.reload puts it so"
    yield candidate.HOME, wrong(said)


def transaction(site: SiteLook) -> Iterator[Finding]:
    """Tell of a deploy that has not come to its end."""
    pending = Pending(site.run.place).read()
    if pending:
        yield "%s, by %s" % (pending["id"], pending["who"]), wrong("it is open; see attach")


def permissions(site: SiteLook) -> Iterator[Finding]:
    """Say what of `permissions` is not there, or not as it was: the live release runs without."""
    for path in permitted.given(site.run.place):
        yield path, wrong(permitted.absent(path))


def closed(site: SiteLook) -> Iterator[Finding]:
    """Tell of maintenance, which somebody has asked for."""
    if site.is_closed:
        yield maintenance.told(site.run.place), OK


def _answer(site: SiteLook, service: Service, view: View) -> str:
    if not view.is_listening:
        return "%s does not listen" % service.socket_unit
    health = Health(site.health, site.expected)
    return health.trouble_at(ask, service.socket, site.site)
