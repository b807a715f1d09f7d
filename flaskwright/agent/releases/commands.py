"""Commands of the app that run in a release: migrations, and those before and after the switch."""

from __future__ import annotations

import time

from ..app.release_facts import facts_of
from ..app.releases import Releases
from ..engine.errors import Failed, NotYet, Unwell
from ..engine.handler import Handler, handles
from ..secrets.store import Credentials
from ..system.units import journal
from . import command_failures
from .command_unit import COMMAND, command_unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from ..common.place import Place
    from ..engine.handler import State
    from ..engine.run import Run

    class Commanding(Protocol):
        """A handler of one of the app's commands."""

        run: Run
        argv: tuple[str, ...]


WRAPPED = 6  # words that lead into a release, before those that were declared

MARGIN = 5.0  # seconds that are left of a transaction's time


def release_of(run: Run) -> str:
    """Give the release that a run is about: made or found in it, else the live one; or NotYet."""
    named = run.about.release
    release = Releases(run.place).current() if named is None else named
    if not release or (run.checking and run.changed("release")):
        raise NotYet("the release is made")
    return release


def run_in(of: Commanding, release: str, name: str) -> None:
    """Run a command that the operator's side has filled but for the release; Failed with its lines.

    It has as long as the transaction has; `name` is what it is called in a failure.
    """
    run = of.run
    words = [word.format(release=release) for word in of.argv]
    left = run.ends - time.monotonic() - MARGIN if run.ends else None
    limit = left and max(left, 1.0)
    Credentials(run).withhold(release)
    unit = command_unit(run, release, COMMAND)
    try:
        output = unit.command(words, progress=True, timeout=limit)
    except Failed as failed:
        advice = "a larger `deploy_timeout` in hosts.toml, if it needs that long"
        raise Failed("%s was ended: no time is left" % name, log=failed.log, next=advice) from None
    if output.status != 0:
        said = output.lines or journal(run, unit.name)  # systemd's, where it could not start it
        raise _failure(said, run.place, release, words, "%s failed: %s" % (name, output.ending))


def _failure(
    lines: Sequence[str], place: Place, release: str, words: Sequence[str], what: str
) -> Failed:
    """Give what the lines tell, in the command's own words where it has said what went wrong."""
    told = command_failures.explained(lines, facts_of(place, release, words[WRAPPED:]))
    if not told.said:
        return Unwell(what, "", told.log, told.next)
    return Unwell(told.said, "; ".join(filter(None, [told.why, what])), told.log, told.next)


class Hook(Handler):
    """What both have in common: the release that it is about, and that it ran for it."""

    keys = ("ran",)
    detached = True
    argv: tuple[str, ...]

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(run.place)

    def wanted(self) -> State:
        """Give the release that this run is about, as the one that the hook ran for."""
        return {"ran": release_of(self.run)}

    def actual(self) -> State:
        """Give the release once the hook ran for it, or where it is not due."""
        release = self.wanted()["ran"]
        has_run = self.run.cache.get(self.kind) == release
        return {"ran": None if self.is_due(release) and not has_run else release}

    def is_due(self, release: str) -> bool:
        """Tell whether the hook has to run for a release."""
        raise NotImplementedError

    def fix(self, differing: list[str]) -> None:
        """Run the hook in that release, as the app; raises Failed with its last lines."""
        release = self.wanted()["ran"]
        self.run.phase("hook")
        name = "the hook " + self.kind.replace("-", "_")
        try:
            run_in(self, release, name)
        except Failed as failed:
            failed.next = failed.next or "correct it, commit, and deploy again"
            raise
        self.run.cache[self.kind] = release


@handles("before-switch")
class BeforeSwitch(Hook):
    """A command before the release goes live."""

    def is_due(self, release: str) -> bool:
        """Tell whether the release is another than the live one."""
        return release != self.releases.current()


@handles("after-commit")
class AfterCommit(Hook):
    """A command once this run has made a release live; whatever comes of it, that stays."""

    after_commit = True

    def is_due(self, release: str) -> bool:
        """Tell whether this run has put a release live; raises NotYet in a dry run."""
        if self.run.checking and self.run.changed("serving"):
            raise NotYet("the release is live")
        return self.run.changed("serving")

    def fix(self, differing: list[str]) -> None:
        """Run the hook; a failure undoes nothing and is for a person to look at."""
        try:
            super().fix(differing)
        except Failed:
            about = "release %s is live and stays, but its hook after_commit did not end well"
            self.run.about.person = about % self.wanted()["ran"]
            raise
