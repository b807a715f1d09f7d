"""A channel to a host that may be silent: for how long it has been is told, and has a bound."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from flaskwright.agent.common.line_buffer import LineBuffer

if TYPE_CHECKING:
    from paramiko.channel import Channel

Receive = Callable[[int], bytes]

BEAT = 9.0  # seconds of silence after which there is a word; ten are promised
PIECE = 1 << 15  # bytes that are sent at a time


class PatientChannel:
    """Reads and writes a channel; what moves in either direction ends a silence.

    told: called now and then with the seconds of the silence. limit: of seconds, after which
    `receive` raises TimeoutError.
    """

    def __init__(self, channel: Channel, told: Callable[[float], None], limit: float) -> None:
        self.limit = limit
        self._channel = channel
        self._told = told
        self._moved = time.monotonic()
        channel.settimeout(min(BEAT, limit))

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return bool(self._channel.closed)

    def receive(self, size: int) -> bytes:
        """Give what comes next, nothing at the end; raises TimeoutError."""
        while True:
            try:
                data: bytes = self._channel.recv(size)
            except TimeoutError:
                self._mind_the_time()
                continue
            self.begin_again()
            return data

    def begin_again(self) -> None:
        """Count the silence from now on."""
        self._moved = time.monotonic()

    def send(self, data: bytes) -> bool:
        """Send all of it, however slow the link; False when the channel was closed meanwhile."""
        left = memoryview(data)
        while left:
            try:
                count = self._channel.send(left[:PIECE])
            except TimeoutError:
                if self._channel.closed:
                    return False
                continue
            if not count:
                return False
            self.begin_again()
            left = left[count:]
        return True

    def _mind_the_time(self) -> None:
        silent = time.monotonic() - self._moved
        if silent >= self.limit:
            raise TimeoutError
        self._told(silent)


def hear_out(channel: Channel, seconds: float) -> None:
    """Wait until the host's side has gone after its last word; what else comes is nobody's."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and channel.recv(65536):
        continue


def lines(receive: Receive, buffer: LineBuffer) -> Iterator[bytes]:
    """Yield whole lines until the end of the stream; a torn last one is left out.

    Raises TooLong, or cuts, as the buffer does.
    """
    while chunk := receive(65536):
        yield from buffer.add(chunk)


def patient(receive: Receive) -> Receive:
    """Return `receive` without the channel's timeout, for what may be silent throughout."""

    def again(size: int) -> bytes:
        while True:
            try:
                return receive(size)
            except TimeoutError:
                continue

    return again
