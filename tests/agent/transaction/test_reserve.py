"""Room on the disk for the way back."""

import os
import tempfile

import pytest

from flaskwright.agent.transaction.reserve import SIZE, Reserve


def taken(path):
    return path.stat().st_blocks * 512


def test_it_takes_its_room_while_a_transaction_runs(tmp_path):
    with Reserve(str(tmp_path)):
        assert taken(tmp_path / ".reserve") >= SIZE  # not a hole

    assert os.listdir(tmp_path) == []


def test_whoever_needs_the_room_frees_it(tmp_path):
    with Reserve(str(tmp_path)):
        assert Reserve(str(tmp_path)).free()
        assert os.listdir(tmp_path) == []
        assert not Reserve(str(tmp_path)).free()  # there is no more


def test_each_file_system_has_its_own(tmp_path):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        if os.stat(other).st_dev == tmp_path.stat().st_dev:
            pytest.skip("/dev/shm is no file system of its own here")
        (tmp_path / "app").mkdir()
        with Reserve(str(tmp_path), str(tmp_path / "app"), other):
            assert (os.listdir(tmp_path / "app"), os.listdir(other)) == ([], [".reserve"])

            assert Reserve(str(tmp_path)).free()
            assert os.listdir(other) == [".reserve"]
            assert Reserve(str(tmp_path), other).free()
            assert os.listdir(other) == []


def test_what_was_taken_already_is_taken_over(tmp_path):
    Reserve(str(tmp_path)).take()
    before = (tmp_path / ".reserve").stat().st_ino

    with Reserve(str(tmp_path)):
        assert (tmp_path / ".reserve").stat().st_ino == before
    assert os.listdir(tmp_path) == []


def test_a_failure_frees_it_too(tmp_path):
    with pytest.raises(KeyError), Reserve(str(tmp_path)):
        raise KeyError

    assert os.listdir(tmp_path) == []
