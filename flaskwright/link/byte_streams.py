"""Our standard streams joined to a program on a host, byte for byte.

What a person looks at is text all the same: a stream of ours that is a terminal gets lines, cleaned
as all that is shown.
"""

from __future__ import annotations

import codecs
import os
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TYPE_CHECKING

from invoke import Exit

from ..report import console

if TYPE_CHECKING:
    from paramiko.channel import Channel

    from ..ssh.connection import Connection

CHUNK = 1 << 16  # bytes
STDIN, STDOUT = 0, 1
UNREAD = 141  # as a shell tells of a program whose output nobody reads any more
Send = Callable[[bytes], None]


def wanted() -> bool:
    """Tell whether one of our streams is no terminal: a file, or a pipe to another program."""
    return not (_is_terminal(STDIN) and _is_terminal(STDOUT))


class ByteStreams:
    """Standard input, in pieces as they are wanted, and where output goes.

    A terminal is not read from: what is typed there may be for another program of the pipe.
    """

    def __init__(self, host: str) -> None:
        self._lines = {name: _Lines(host, name) for name in ("out", "err")}
        self._raw = not _is_terminal(STDOUT)
        self._asked: SimpleQueue[Send] = SimpleQueue()
        self._reader: threading.Thread | None = None

    def give(self, send: Send) -> None:
        """Have the next piece of standard input sent once it is there; an empty one is the end."""
        self._asked.put(send)
        if self._reader is None:
            self._reader = threading.Thread(target=self._read, daemon=True)
            self._reader.start()

    def take(self, data: bytes, stream: str) -> None:
        """Pass output on; raises Exit when nobody reads it any more."""
        if stream == "err" or not self._raw:
            self._lines[stream].add(data)
            return
        try:
            while data:
                data = data[os.write(STDOUT, data) :]
        except BrokenPipeError:
            raise Exit(code=UNREAD) from None

    def close(self) -> None:
        """Show the last lines of both streams, which have no end."""
        for lines in self._lines.values():
            lines.add(b"", last=True)

    def _read(self) -> None:
        data = b"begun"
        while data:
            send = self._asked.get()
            data = _read()
            send(data)


class _Lines:
    def __init__(self, host: str, stream: str) -> None:
        self._host, self._stream = host, stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def add(self, data: bytes, last: bool = False) -> None:
        whole, end, self._rest = (self._rest + self._decoder.decode(data, last)).rpartition("\n")
        if last:
            whole, end, self._rest = whole + end + self._rest, "", ""
        if whole or end:
            console.output(self._host, whole + end, self._stream)


def join(connection: Connection, command: str) -> int:
    """Run a command as whoever logs in, joined to our streams.

    Returns its exit status; below 0 where the link was lost.
    """
    streams = ByteStreams(connection.host.name)
    with connection.create_session() as channel:
        channel.exec_command(command)
        threads = [
            threading.Thread(target=_give_all, args=(channel,), daemon=True),
            threading.Thread(target=_take_errors, args=(channel, streams), daemon=True),
        ]
        for thread in threads:
            thread.start()
        while data := channel.recv(CHUNK):
            streams.take(data, "out")
        threads[1].join()
        streams.close()
        return int(channel.recv_exit_status())


def _give_all(channel: Channel) -> None:
    """Send standard input to its end, or until the program there wants no more."""
    try:
        while data := _read():
            channel.sendall(data)
        channel.shutdown_write()
    except OSError:
        return


def _take_errors(channel: Channel, streams: ByteStreams) -> None:
    while data := channel.recv_stderr(CHUNK):
        streams.take(data, "err")


def _read() -> bytes:
    if sys.stdin is None or _is_terminal(STDIN):
        return b""
    try:
        return os.read(STDIN, CHUNK)
    except OSError:  # it is closed, or a directory
        return b""


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
