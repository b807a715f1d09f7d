"""Commands inside of the live release: as the app's user, with its environment and its venv."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import become, console, plan, runner, terminal
from .errors import LeftToHost, UsageError
from .resources import AppCommand, Planned

if TYPE_CHECKING:
    from .connection import Connection
    from .report import HostReport

_AS_USER = (
    'user=$1; shift; if [ "$(id -u)" = 0 ]; then exec runuser -u "$user" -- "$@"; fi; '
    'exec sudo -u "$user" -- "$@"'
)
_SHELL = "command -v bash >/dev/null && exec bash; exec sh"


@dataclass(frozen=True)
class Ended:
    """A command's exit status."""

    exit_code: int


def run(connection: Connection, command: str) -> Ended | HostReport:
    """Run a shell command in the live release; on a host without an app, as whoever logs in."""
    host = connection.host
    if host.app is None:
        return plain(connection, command)
    act = AppCommand(host.app.root, host.app.name, become.in_current(host.app, "sh", "-c", command))
    report = runner.execute(connection, plan.make(host, [Planned("run", act)]), "check")
    if report.failure:
        console.result(report)
        return report
    return Ended(int((report.outcomes[0].answer or {})["status"]))


def plain(connection: Connection, command: str) -> Ended:
    """Run a command as whoever logs in, its output as it is."""
    result = connection.run(command, warn=True)
    if result.exited < 0:
        raise LeftToHost("the link was lost", why="The command may still be running.")
    return Ended(int(result.exited))


def shell(connection: Connection) -> Ended:
    """Give the person at the terminal a shell in the live release, or as whoever logs in."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("shell wants a terminal", next='./fab run "COMMAND" needs none')
    app = connection.host.app
    argv = ["sh", "-c", _SHELL]
    if app:
        argv = ["sh", "-c", _AS_USER, "sh", app.name, *become.in_current(app, *argv)]
    return Ended(terminal.attach(connection, shlex.join(argv)))
