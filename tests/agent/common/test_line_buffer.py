"""Whole lines out of a stream, each bounded."""

from __future__ import annotations

import random
import time

import pytest

from flaskwright.agent.common.line_buffer import LineBuffer, TooLong


def test_lines_come_out_whole_however_they_went_in() -> None:
    said = b"one\n\ntwo\r\n\xff\xe2\x80\xa8three\nrest"
    for seed in range(100):
        dice, buffer, found, at = random.Random(seed), LineBuffer(), [], 0
        while at < len(said):
            size = dice.randrange(1, 6)
            found += buffer.add(said[at : at + size])
            at += size
        assert found == [b"one", b"", b"two\r", b"\xff\xe2\x80\xa8three"]
        assert buffer.rest() == b"rest"
        assert buffer.rest() == b""


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x" * 10, b"x"], [b"x" * 6] * 2])
def test_a_line_that_is_too_long_is_an_error(pieces: list[bytes]) -> None:
    buffer = LineBuffer(10)
    with pytest.raises(TooLong, match="more than 10 bytes"):
        for piece in pieces:
            buffer.add(piece)


def test_or_it_is_cut_and_the_next_one_is_whole() -> None:
    buffer = LineBuffer(10, cuts=True)
    assert buffer.add(b"x" * 25) == []
    assert buffer.add(b"x\nnext\n" + b"y" * 12) == [b"x" * 10, b"next"]
    assert buffer.rest() == b"y" * 10


def test_as_long_as_may_be_is_no_longer() -> None:
    assert LineBuffer(10).add(b"x" * 10 + b"\n" + b"y" * 10 + b"\n") == [b"x" * 10, b"y" * 10]


def test_a_line_without_an_end_costs_no_more_than_others() -> None:
    buffer, began = LineBuffer(1 << 30), time.monotonic()
    for _ in range(20_000):
        buffer.add(b"x" * 1000)
    assert len(buffer.rest()) == 20_000_000
    assert time.monotonic() - began < 5
