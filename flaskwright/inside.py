"""Commands inside of the live release: as the app's user, with its environment and its venv."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import become, bytestreams, console, plan, runner, terminal, verdict
from .errors import LeftToHost, UsageError
from .resources import AppCommand, AppShell, Planned

if TYPE_CHECKING:
    from .connection import Connection
    from .inventory import App
    from .report import HostReport

# A terminal's title is its owner's. One line: login shells differ.
_AS_ROOT = 'as=sudo; [ $(id -u) != 0 ] || as=; exec $as env SYSTEMD_ADJUST_TERMINAL_TITLE=0 "$@"'
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
    argv = become.in_current(host.app, "sh", "-c", command)
    streams = bytestreams.ByteStreams(host.name) if _is_piped(connection) else None
    act = AppCommand(host.app.root, host.app.name, argv, streams is not None)
    todo = plan.make(host, [Planned("run", act)])
    report = runner.execute(connection, todo, "check", streams=streams)
    if streams:
        streams.close()
    if report.failure:
        console.result(report)
        return report
    status = report.told("status", int)
    return Ended(status if status in range(256) else 1)


def plain(connection: Connection, command: str) -> Ended:
    """Run a command as whoever logs in, its output as it is."""
    connection.open()
    connection.stage = verdict.RUNS
    if _is_piped(connection):
        status = bytestreams.join(connection, command)
    else:
        status = int(connection.run(command, warn=True, **_shown(connection)).exited)
    if status < 0:
        raise LeftToHost("the link was lost", why="The command may still be running.")
    return Ended(status)


def _is_piped(connection: Connection) -> bool:
    """Tell whether a program's streams are to be ours, byte for byte: of one host alone."""
    return connection.alone and bytestreams.wanted()


def _shown(connection: Connection) -> dict[str, _Shown]:
    """Return where Fabric's `run` writes to: of several hosts, below the host's name."""
    streams = () if connection.alone else ("out", "err")
    return {f"{name}_stream": _Shown(connection.host.name, name) for name in streams}


class _Shown:
    """A stream of text that is shown as a host's."""

    def __init__(self, host: str, stream: str) -> None:
        self._host, self._stream = host, stream

    def write(self, text: str) -> None:
        """Show it."""
        console.output(self._host, text, self._stream)

    def flush(self) -> None:
        """Nothing is kept back."""


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
    act = AppShell(app.root, app.name, become.in_current(app, "sh", "-c", _SHELL))
    return runner.execute(connection, plan.make(connection.host, [Planned("shell", act)]), "check")
