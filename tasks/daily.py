"""What a person types every day."""

import re
from dataclasses import replace

from flaskwright import (
    Connection,
    Host,
    Resources,
    UsageError,
    guide_of,
    operation,
    overview,
    question,
)
from flaskwright.by_hand import commands
from flaskwright.resources.app import AppName, ReleaseList
from flaskwright.resources.processes import Reload
from flaskwright.resources.questions import AppStatus, Logs, Verify
from flaskwright.resources.transaction import Attach, Earlier, Kept
from flaskwright.resources.web import Answer, Nginx
from flaskwright.workstation import reachable_url, tls_grade

from . import mysql, release


@operation(
    parallel=False, help={"ref": "Branch, tag or commit to deploy (default: the app's `ref`)."}
)
def deploy(host: Host, ref: str = "") -> Resources:
    """Do what is missing of the set-up, and put a release of the app live."""
    if ref:
        host = replace(host, app=replace(host.declared_app, ref=ref))
    app = host.declared_app
    yield AppName()  # before anything is changed
    yield from guide_of(host).resources(host, "setup", "deploy")
    yield Kept(app.keep)
    yield from mysql.settled(host)
    yield from release.after_commit(host)


@operation()
def setup(host: Host) -> Resources:
    """Prepare the host: everything of its guide that comes before the first release."""
    yield AppName()
    yield from guide_of(host).resources(host, "setup")


@operation(parallel=False)
def reload(host: Host) -> Resources:
    """Give the live release new workers (gunicorn's HUP); no request fails or waits for it."""
    app = host.declared_app
    yield Reload(app.health.path, app.drain, app.health.status)


@question(dry_refused=True, follows=True)
def attach(host: Host) -> Resources:
    """Follow the deploy or rollback that is under way on the host, or show how the last went."""
    yield Attach()


@question()
def releases(host: Host) -> Resources:
    """List the releases on the host: commit, live since when, by whom, whether it was any good."""
    yield ReleaseList()


@operation(
    parallel=False,
    help={"to": "The release to go to (default: the last good one before the live one)."},
)
def rollback(host: Host, to: str = "") -> Resources:
    """Put an earlier release live again, with nothing but what is on the host."""
    app = host.declared_app
    yield Earlier(to)
    yield from release.serving(host)
    yield Nginx()
    yield Answer(app.health.path)


@question(
    help={
        "follow": "Go on with what comes, until Ctrl-C.",
        "lines": "How many of the last lines (default: 100).",
        "since": 'From then on: 2h, "2 hours ago", yesterday, "2026-11-20 14:00".',
        "grep": "Only lines that this regular expression matches.",
        "all": "Also what deploys say, and systemd and gunicorn at every start and stop.",
    }
)
def logs(  # noqa: PLR0913, PLR0917 - each is a flag
    host: Host,
    follow: bool = False,
    lines: str = "100",
    since: str = "",
    grep: str = "",
    all: bool = False,
) -> Resources:
    """Show what the app, its service and nginx have said of the site."""
    if not lines.isdecimal():
        raise UsageError(f"--lines {lines}: should be a number")
    try:
        re.compile(grep)
    except re.error as error:
        raise UsageError(f"--grep {grep} is no regular expression: {error}") from None
    yield Logs(int(lines), since, grep, follow, all)


@question(needs_app=False, parallel=False, dry_refused=True)
def run(c: Connection, command: str) -> object:
    """Run a shell command in the live release, as the app's user with the app's environment."""
    return commands.run(c, command)


@question(needs_app=False, parallel=False, dry_refused=True)
def shell(c: Connection) -> object:
    """Open a shell in the live release, as the app's user with the app's environment."""
    return commands.shell(c)


@question()
def status(host: Host) -> Resources:
    """Show release, workers, the last transaction, certificate and disk of the app on its host."""
    yield AppStatus()


@question(
    help={"tls": "Also have testssl.sh on this machine grade the site's TLS (1 to 3 minutes)."}
)
def verify(host: Host, tls: bool = False) -> Resources:
    """Look at site and host as a careful person does by hand, in a table; exit 1 if one is off."""
    app = host.declared_app
    yield Verify(
        directory=app.directory,
        health=app.health.path,
        expected=app.health.status,
        static=app.static,
        outbound=app.outbound,
        trust=tls_grade.authorities(host),
        graded=tls_grade.grade(host) if tls else None,
        opened=reachable_url.open_url(host),
    )


@question(help={"json": "Print one JSON object."})
def steps(c: Connection, json: bool = False) -> None:
    """List every heading of the host's guide with its tasks and their state on the host."""
    overview.show(c)
