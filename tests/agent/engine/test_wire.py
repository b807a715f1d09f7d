import json
import os

import pytest

from flaskwright.agent.common import line_buffer
from flaskwright.agent.common.frames import STOP
from flaskwright.agent.common.text import CUT
from flaskwright.agent.engine.errors import Gone
from flaskwright.agent.engine.wire import packed
from flaskwright.link import payload

from ..support import Operator


def test_an_event_is_a_line_of_json_without_control_sequences(operator: Operator) -> None:
    operator.wire.send({"event": "progress", "text": "\x1b[31mré\x1b[0m", "log": ["a\x07\tb"]})
    assert operator.events() == [{"event": "progress", "text": "ré", "log": ["a\tb"]}]


def test_an_answer_may_be_empty(operator: Operator) -> None:
    operator.say(b"")
    operator.say(b"pack\n\x00")
    assert operator.wire.answer() == b""
    assert operator.wire.answer() == b"pack\n\x00"
    assert not operator.wire.gone()


def test_the_end_of_stdin_means_gone(operator: Operator) -> None:
    assert not operator.wire.gone()
    operator.leave()
    assert operator.wire.gone()
    with pytest.raises(Gone):
        operator.wire.answer()


def test_to_a_closed_pipe_nothing_is_written(operator: Operator) -> None:
    operator.leave()
    operator.wire.send({"event": "result"})
    operator.wire.send({"event": "end"})
    assert operator.wire.gone()


def test_a_torn_frame_means_gone(operator: Operator) -> None:
    os.write(operator.answers, b"100\nhalf")
    operator.leave()
    with pytest.raises(Gone):
        operator.wire.answer()


def test_both_sides_mean_the_same_by_a_stop() -> None:
    assert STOP == payload.STOP


def test_the_wish_to_stop_is_noticed_between_two_resources(operator: Operator) -> None:
    assert not operator.wire.gone()
    assert not operator.wire.stopping
    operator.say(STOP)
    assert not operator.wire.gone()
    assert operator.wire.stopping


def test_the_wish_to_stop_is_no_answer(operator: Operator) -> None:
    for data in (STOP, STOP, b"pack"):
        operator.say(data)
    assert operator.wire.answer() == b"pack"
    assert operator.wire.stopping
    assert not operator.wire.gone()


def test_what_nobody_asked_for_is_no_stop(operator: Operator) -> None:
    operator.say(b"pack")
    assert not operator.wire.gone()
    assert not operator.wire.stopping


def test_who_wishes_to_stop_and_leaves_is_gone(operator: Operator) -> None:
    operator.say(STOP)
    operator.leave()
    assert operator.wire.gone()
    assert operator.wire.stopping


def test_a_torn_wish_means_gone(operator: Operator) -> None:
    os.write(operator.answers, b"5\n\0st")
    operator.leave()
    assert operator.wire.gone()
    assert not operator.wire.stopping


def test_an_event_is_never_longer_than_a_line_may_be() -> None:
    event = {"event": "result", "id": "x", "log": ["\U0001f600" * 100_000] * 50, "state": "failed"}
    line = packed(event)

    assert len(line) < line_buffer.LONGEST
    told = json.loads(line)
    assert (told["event"], told["id"], told["state"]) == ("result", "x", "failed")
    assert told["log"][-1].endswith(CUT)


def test_an_event_that_fits_is_sent_as_it_is() -> None:
    event = {"event": "output", "text": "x" * 500_000, "stream": "out"}
    assert json.loads(packed(event)) == event
