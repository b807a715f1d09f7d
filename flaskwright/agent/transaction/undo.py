"""Back to what was served before: of a transaction that failed, or that something has cut off."""

from __future__ import annotations

import os

from ..app.history import FAILED, Verdicts
from ..app.releases import Releases
from ..databases import schema
from ..engine.errors import Failed
from ..processes.slots import Service
from ..releases import draft
from ..releases.command_unit import end_commands
from ..system import disk
from ..system.units import LONGEST
from ..venvs import half_built
from ..web.nginx import candidate
from ..web.nginx import server as nginx
from . import canary, cutover
from .pending import Pending
from .reserve import Reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..common.place import Place
    from ..engine.run import Run


def undo(run: Run) -> None:
    """Undo what is pending: nothing of it is left, and the release from before serves.

    Raises Failed where that does not come up; then only a person can help.
    """
    pending = Pending(run.place)
    fields = pending.read()
    if not fields:
        return
    Reserve(run.place.state, run.place.root).free()
    run.phase("undo")
    _sweep(run)
    half_built.sweep(run)
    _go_back(run, fields)
    _record(run, fields)
    pending.clear()


def undo_at_boot(run: Run) -> None:
    """Make `current` name the release from before, while nothing runs yet."""
    pending = Pending(run.place)
    fields = pending.read()
    if not fields:
        return
    releases, before = Releases(run.place), fields.get("before", "")
    if releases.current() == fields.get("release") and _can_become(releases, before):
        releases.switch(before)
        run.command(["systemctl", "daemon-reload"], check=False, timeout=60)
    sweep_files(run.place)
    half_built.sweep(run)
    _record(run, fields)
    pending.clear()


def _sweep(run: Run) -> None:
    """Have each part remove what it has left in a transaction that was killed."""
    end_commands(run)
    for name in run.place.units("canary"):
        canary.sweep(run, name)
    cutover.sweep(run)
    sweep_files(run.place)


def sweep_files(place: Place) -> None:
    """Remove half a release, and what was to take a file's place when it was killed."""
    draft.sweep(place)
    for directory in (place.state, place.root, place.boot_units, place.run):
        disk.sweep(directory)


def _go_back(run: Run, fields: dict[str, Any]) -> None:
    before = fields.get("before", "")
    if not fields.get("switched"):
        return
    releases, service = Releases(run.place), Service(run)
    _end_starts(service)
    if not before:
        _leave_nothing(releases, service, fields["release"])
    elif releases.current() != before or _running(service) != {before}:
        back = cutover.CutOver(run, fields["cutover"], fields["drain"])
        back.to(before)
        back.wait_for_others()
    _bring_nginx_back(run, fields)


def _running(service: Service) -> set[str]:
    view = service.look()
    return view.releases(view.occupied)


def _end_starts(service: Service) -> None:
    """Stop a slot that still starts: systemd goes on with it when whoever asked for it is killed.

    It may be of the release that goes, and would serve it from then on.
    """
    starting = service.look().slots("activating")
    if starting:
        service.end(starting, LONGEST)


def _bring_nginx_back(run: Run, fields: dict[str, Any]) -> None:
    """Reload nginx where the transaction has; one that refuses must not have the new site."""
    if not fields.get("nginx") or not nginx.workers() or nginx.is_live():
        return
    try:
        nginx.reload(run)
    except Failed:
        if _site(run, fields.get("before", "")) != _site(run, fields["release"]):
            raise


def _site(run: Run, release: str) -> bytes | None:
    home = run.place.release(release) + candidate.HOME
    return disk.read(os.path.join(home, "sites-available", run.place.name))


def _leave_nothing(releases: Releases, service: Service, release: str) -> None:
    """Stop a first release; one that nginx's configuration has a link to stays, as it is."""
    if _can_become(releases, ""):
        service.stop()
        if releases.current() == release:
            releases.switch("")


def _can_become(releases: Releases, before: str) -> bool:
    """Tell whether `current` can name what it did; nothing only where nginx has no link to it."""
    if before:
        return bool(releases.manifest(before))
    return not os.path.lexists(os.path.join(candidate.HOME, "sites-enabled", releases.place.name))


def _record(run: Run, fields: dict[str, Any]) -> None:
    """Add a line; it says nothing of a release that served, or was good and is only stopped."""
    release, verdicts = fields.get("release", ""), Verdicts(run.place)
    stopped = run.cache.get("stopped") and release in verdicts.good()
    if stopped or release == fields.get("before"):
        release = ""
    commit = Releases(run.place).manifest(release).get("commit", "")
    verdict = {"id": release, "commit": commit, "verdict": FAILED, **schema.migrated(fields)}
    verdict.update(transaction=fields["id"], who=fields["who"], at=run.current)
    try:
        verdicts.add(**verdict)
    except OSError as error:  # the site is what it was, and that was asked
        run.notice("no line of it could be added to the audit: %s" % error)
