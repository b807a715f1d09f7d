"""Commands of the app that are part of a deploy, run in its release as the app's user."""

from __future__ import annotations

import time

from . import commandadvice
from .commandunit import COMMAND, command_unit
from .credentials import Credentials
from .errors import Failed, NotYet, Unwell
from .releasefacts import facts_of
from .releases import Releases
from .units import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from .run import Run

    class Commanding(Protocol):
        """A handler of one of the app's commands."""

        run: Run
        app: str
        app_root: str
        argv: tuple[str, ...]


UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
WRAPPED = 6  # words that lead into a release, before those that were declared
MARGIN = 5.0  # seconds that are left of a transaction's time


def release_of(run: Run, app_root: str) -> str:
    """Give the release that a run is about: made or found in it, else the live one; or NotYet."""
    release: str = run.facts.get("release", Releases(app_root).current())
    if not release or (run.checking and run.changed("release:" + app_root)):
        raise NotYet("the release is made")
    return release


def run_in(of: Commanding, release: str, name: str) -> None:
    """Run a command that the operator's side has made for `{release}`; Failed with its last lines.

    It has as long as the transaction has; `name` is what it is called in a failure.
    """
    run = of.run
    words = [word.replace("{release}", release) for word in of.argv]
    left = run.ends - time.monotonic() - MARGIN if run.ends else None
    limit = left and max(left, 1.0)
    Credentials(run, of.app_root).withhold(release)
    unit = command_unit(run, of.app, of.app_root, release, COMMAND)
    try:
        output = unit.command(words, progress=True, env=UNBUFFERED, timeout=limit)
    except Failed as failed:
        advice = "a larger `deploy_timeout` in hosts.toml, if it needs that long"
        raise Failed("%s was ended: no time is left" % name, log=failed.log, next=advice) from None
    if output.status != 0:
        said = output.lines or journal(run, unit.name)  # systemd's, where it could not start it
        raise _failure(said, of.app_root, release, words, "%s failed: %s" % (name, output.ending))


def _failure(
    lines: Sequence[str], app_root: str, release: str, words: Sequence[str], what: str
) -> Failed:
    """Give what the lines tell, in the command's own words where it has said what went wrong."""
    told = commandadvice.explained(lines, facts_of(app_root, release, words[WRAPPED:]))
    if not told.said:
        return Unwell(what, "", told.log, told.next)
    return Unwell(told.said, "; ".join(filter(None, [told.why, what])), told.log, told.next)
