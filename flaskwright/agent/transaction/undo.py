"""Back to what was served before: of a transaction that failed, or that something has cut off."""

from __future__ import annotations

import os

from ..app.history import FAILED, Verdicts
from ..app.releases import Releases
from ..app.unit_names import known
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

    from ..engine.run import Run


def undo(run: Run) -> None:
    """Undo what is pending: nothing of it is left, and the release from before serves.

    Raises Failed where that does not come up; then only a person can help.
    """
    pending = Pending(run.state)
    fields = pending.read()
    if not fields:
        return
    Reserve(run.state, fields["app_root"]).free()
    run.phase("undo")
    _sweep(run, fields)
    half_built.sweep(run, fields["app_root"])
    _go_back(run, fields)
    _record(run, fields)
    pending.clear()


def undo_at_boot(run: Run) -> None:
    """Make `current` name the release from before, while nothing runs yet."""
    pending = Pending(run.state)
    fields = pending.read()
    if not fields:
        return
    releases, before = Releases(fields["app_root"]), fields.get("before", "")
    if releases.current() == fields.get("release") and _can_become(releases, fields["app"], before):
        releases.switch(before)
        run.command(["systemctl", "daemon-reload"], check=False, timeout=60)
    sweep_files(run.state, fields)
    half_built.sweep(run, fields["app_root"])
    _record(run, fields)
    pending.clear()


def _sweep(run: Run, fields: dict[str, Any]) -> None:
    """Have each part remove what it has left in a transaction that was killed."""
    end_commands(run, fields["app"])
    for name in known("canary", fields["app"]):
        canary.sweep(run, name)
    cutover.sweep(run, fields["app"])
    sweep_files(run.state, fields)


def sweep_files(state: str, fields: dict[str, Any]) -> None:
    """Remove half a release, and what was to take a file's place when it was killed."""
    draft.sweep(fields["app_root"])
    for directory in (state, fields["app_root"], cutover.RUNTIME, "/run"):
        disk.sweep(directory)


def _go_back(run: Run, fields: dict[str, Any]) -> None:
    app, app_root, before = fields["app"], fields["app_root"], fields.get("before", "")
    if not fields.get("switched"):
        return
    releases, service = Releases(app_root), Service(run, app, app_root)
    _end_starts(service)
    if not before:
        _leave_nothing(releases, service, fields["release"])
    elif releases.current() != before or _running(service) != {before}:
        back = cutover.CutOver(run, app, app_root, fields["cutover"], fields["drain"])
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
        if _site(fields, fields.get("before", "")) != _site(fields, fields["release"]):
            raise


def _site(fields: dict[str, Any], release: str) -> bytes | None:
    place = Releases(fields["app_root"]).path(release)
    return disk.read(os.path.join(place + candidate.HOME, "sites-available", fields["app"]))


def _leave_nothing(releases: Releases, service: Service, release: str) -> None:
    """Stop a first release; one that nginx's configuration has a link to stays, as it is."""
    if _can_become(releases, service.app, ""):
        service.stop()
        if releases.current() == release:
            releases.switch("")


def _can_become(releases: Releases, app: str, before: str) -> bool:
    """Tell whether `current` can name what it did; nothing only where nginx has no link to it."""
    if before:
        return bool(releases.manifest(before))
    return not os.path.lexists(os.path.join(candidate.HOME, "sites-enabled", app))


def _record(run: Run, fields: dict[str, Any]) -> None:
    """Add a line; it says nothing of a release that served, or was good and is only stopped."""
    release, verdicts = fields.get("release", ""), Verdicts(run.state)
    stopped = run.cache.get("stopped") and release in verdicts.good()
    if stopped or release == fields.get("before"):
        release = ""
    commit = Releases(fields["app_root"]).manifest(release).get("commit", "")
    verdict = {"id": release, "commit": commit, "verdict": FAILED, **schema.migrated(fields)}
    verdict.update(transaction=fields["id"], who=fields["who"], at=run.current)
    try:
        verdicts.add(**verdict)
    except OSError as error:  # the site is what it was, and that was asked
        run.notice("no line of it could be added to the audit: %s" % error)
