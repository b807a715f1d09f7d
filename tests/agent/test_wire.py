import bz2
import json
import os

import pytest

from flaskwright.agent.errors import Gone

from .support import Operator


def test_an_event_is_a_line_of_json_without_control_sequences(operator: Operator) -> None:
    operator.wire.send({"event": "progress", "text": "\x1b[31mré\x1b[0m", "log": ["a\x07\tb"]})
    assert operator.events() == [{"event": "progress", "text": "ré", "log": ["a\tb"]}]


def test_the_plan_is_the_first_frame(operator: Operator) -> None:
    operator.say(bz2.compress(json.dumps({"mode": "check"}).encode()))
    assert operator.wire.plan() == {"mode": "check"}


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
