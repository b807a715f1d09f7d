"""A channel that may be silent."""

from __future__ import annotations

import pytest

from flaskwright.link import silence
from flaskwright.link.silence import PatientChannel


class Channel:
    """Gives what it is told to, and waits where that is nothing; takes little at a time."""

    closed = False

    def __init__(self, *gives: bytes | None, takes: tuple[int, ...] = ()) -> None:
        self.gives, self.takes, self.taken = list(gives), list(takes), b""

    def settimeout(self, seconds: float) -> None: ...

    def recv(self, size: int) -> bytes:
        given = self.gives.pop(0) if self.gives else None
        if given is None:
            raise TimeoutError
        return given

    def send(self, data: memoryview) -> int:
        size = self.takes.pop(0)
        if size < 0:
            raise TimeoutError
        self.taken += bytes(data[:size])
        return size


def test_each_silence_is_told_and_what_comes_is_given() -> None:
    told: list[float] = []
    line = PatientChannel(Channel(None, b"x", None, b""), told.append, 100)  # type: ignore[arg-type]
    assert (line.receive(9), line.receive(9)) == (b"x", b"")
    assert len(told) == 2


def test_a_silence_has_an_end() -> None:
    line = PatientChannel(Channel(), lambda seconds: None, 0.0)  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        line.receive(9)


def test_a_slow_link_takes_all_in_the_end() -> None:
    channel = Channel(takes=(2, -1, -1, 3))
    assert PatientChannel(channel, lambda seconds: None, 100).send(b"12345")  # type: ignore[arg-type]
    assert channel.taken == b"12345"


def test_what_is_closed_takes_no_more() -> None:
    channel = Channel(takes=(-1,))
    channel.closed = True
    assert not PatientChannel(channel, lambda seconds: None, 100).send(b"1")  # type: ignore[arg-type]
    assert not PatientChannel(Channel(takes=(0,)), lambda s: None, 1).send(b"1")  # type: ignore[arg-type]


def test_ten_seconds_are_promised() -> None:
    assert silence.BEAT < 10
