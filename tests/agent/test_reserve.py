"""Room on the disk for the way back."""

import os

import pytest

from flaskwright.agent.reserve import SIZE, Reserve


def taken(path):
    return path.stat().st_blocks * 512


def test_it_takes_its_room_while_a_transaction_runs(tmp_path):
    with Reserve(str(tmp_path)):
        assert taken(tmp_path / "reserve") >= SIZE  # not a hole

    assert os.listdir(tmp_path) == []


def test_whoever_needs_the_room_frees_it(tmp_path):
    with Reserve(str(tmp_path)):
        assert Reserve(str(tmp_path)).free()
        assert os.listdir(tmp_path) == []
        assert not Reserve(str(tmp_path)).free()  # there is no more


def test_a_failure_frees_it_too(tmp_path):
    with pytest.raises(KeyError), Reserve(str(tmp_path)):
        raise KeyError

    assert os.listdir(tmp_path) == []
