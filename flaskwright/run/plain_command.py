"""A command that was typed after `--`, or on a host without an app: run as whoever logs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import LeftToHost
from ..link import byte_streams, ending
from ..report import console
from ..ssh.keepalive import GIVEN_UP, Pulse

if TYPE_CHECKING:
    from ..ssh.connection import Connection


@dataclass(frozen=True)
class Ended:
    """A command's exit status."""

    exit_code: int


def plain(connection: Connection, command: str) -> Ended:
    """Run a command as whoever logs in, its output as it is."""
    connection.open()
    connection.stage = ending.RUNS
    with Pulse(connection.transport, GIVEN_UP):
        if _is_piped(connection):
            status = byte_streams.join(connection, command)
        else:
            status = int(connection.run(command, warn=True, **_shown(connection)).exited)
    if status < 0:
        raise LeftToHost("the link was lost", why="The command may still be running.")
    return Ended(status)


def _is_piped(connection: Connection) -> bool:
    """Tell whether a program's streams are to be ours, byte for byte: of one host alone."""
    return connection.alone and byte_streams.wanted()


def _shown(connection: Connection) -> dict[str, _Shown]:
    """Return where Fabric's `run` writes to: of several hosts, below the host's name."""
    streams = () if connection.alone else ("out", "err")
    return {f"{name}_stream": _Shown(connection.host.name, name) for name in streams}


class _Shown:
    """A stream of text that is shown as a host's."""

    def __init__(self, host: str, stream: str) -> None:
        self._host, self._stream = host, stream

    def write(self, text: str) -> None:
        """Show text of the command, as its stream of that host."""
        console.output(self._host, text, self._stream)

    def flush(self) -> None:
        """Nothing is kept back."""
