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

# $1 is the user, $2 the app's directory. What leads the service to its secrets leads a unit of the
# shell's own there, too; without secrets there is no need for one. One line: login shells differ.
_AS_USER = "; ".join(
    """
user=$1; unit=$2/current/etc/systemd/system/$1@.service; shift 2
as=sudo; [ "$(id -u)" != 0 ] || as=
lent=$(grep -e "^LoadCredential" -e "^Environment=CREDENTIALS_DIRECTORY=" "$unit")
run="env SYSTEMD_ADJUST_TERMINAL_TITLE=0 systemd-run --quiet --pty --wait --collect --uid=$user"
if [ -n "$lent" ]; then exec $as $run --property="$lent" -- "$@"; fi
if [ -z "$as" ]; then exec runuser -u "$user" -- "$@"; fi
exec sudo -u "$user" -- "$@"
""".strip().splitlines()
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
        argv = ["sh", "-c", _AS_USER, "sh", app.name, app.root, *become.in_current(app, *argv)]
    return Ended(terminal.attach(connection, shlex.join(argv)))
