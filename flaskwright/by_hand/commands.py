"""Commands inside of the live release: as the app's user, with its environment and its venv."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..link import byte_streams
from ..plan import plan, release_command
from ..report import console
from ..resources.base import Planned
from ..resources.releases import AppCommand, AppShell
from ..run import runner
from ..ssh import terminal

if TYPE_CHECKING:
    from ..inventory import App
    from ..report.report import HostReport
    from ..ssh.connection import Connection
from ..run.plain_command import Ended, _is_piped, plain

# A terminal's title is its owner's. One line: login shells differ.
_AS_ROOT = 'as=sudo; [ $(id -u) != 0 ] || as=; exec $as env SYSTEMD_ADJUST_TERMINAL_TITLE=0 "$@"'


_SHELL = "command -v bash >/dev/null && exec bash; exec sh"


def run(connection: Connection, command: str) -> Ended | HostReport:
    """Run a shell command in the live release; on a host without an app, as whoever logs in."""
    host = connection.host
    if host.app is None:
        return plain(connection, command)
    argv = release_command.in_current(host.app, "sh", "-c", command)
    streams = byte_streams.ByteStreams(host.name) if _is_piped(connection) else None
    act = AppCommand(argv, streams is not None)
    todo = plan.make(host, [Planned("run", act)])
    report = runner.execute(connection, todo, "check", streams=streams)
    if streams:
        streams.close()
    if report.failure:
        console.result(report)
        return report
    status = report.told("status", int)
    return Ended(status if status in range(256) else 1)


def shell(connection: Connection) -> Ended | HostReport:
    """Give the person at the terminal a shell in the live release, or as whoever logs in."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("shell wants a terminal", next='./fab run "COMMAND" needs none')
    argv = ["sh", "-c", _SHELL]
    if connection.host.app:
        report = _asked(connection, connection.host.app)
        if report.failure:
            console.result(report)
            return report
        argv = ["sh", "-c", _AS_ROOT, "sh", *map(str, report.told("argv", list))]
    return Ended(terminal.attach(connection, shlex.join(argv)))


def _asked(connection: Connection, app: App) -> HostReport:
    """Ask the host how a shell comes into the live release."""
    act = AppShell(release_command.in_current(app, "sh", "-c", _SHELL))
    return runner.execute(connection, plan.make(connection.host, [Planned("shell", act)]), "check")
