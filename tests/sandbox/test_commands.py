"""Programs of this machine, really run."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from flaskwright.errors import Unreachable
from sandbox import commands
from sandbox.commands import Process, follow, run, spawn, start_time, wait_until


def test_run_gives_what_was_printed():
    assert run(["cat"], input="text") == "text"


def test_run_says_what_failed_and_shows_the_end():
    with pytest.raises(Unreachable) as caught:
        run(["sh", "-c", "seq 100; exit 3"])
    assert "status 3" in caught.value.why
    assert caught.value.log[-1] == "100"
    assert len(caught.value.log) == commands.KEPT_LINES


def test_follow_hands_on_each_line():
    lines: list[str] = []
    follow(["printf", "a\\nb\\n"], lines.append)
    assert lines == ["a", "b"]


def test_follow_ends_the_program_when_the_reader_fails(tmp_path):
    pidfile = tmp_path / "pid"

    def fail(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow(["sh", "-c", f"echo $$ >{pidfile}; echo x; exec sleep 60"], fail)
    assert start_time(int(pidfile.read_text())) is None


def test_a_spawned_program_lives_on_its_own(tmp_path):
    process = spawn(["sleep", "60"], pidfile=tmp_path / "pid", log=tmp_path / "log")
    try:
        assert process.alive
        assert os.getsid(process.pid) != os.getsid(0)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not process.alive, seconds=5, what="sleep does not end")


def test_another_process_with_the_same_number_is_not_taken_for_it():
    mine = start_time(os.getpid())
    assert mine is not None
    assert Process(os.getpid(), mine).alive
    assert not Process(os.getpid(), mine + 1).alive


def test_a_process_that_is_only_to_be_reaped_is_dead():
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert start_time(child.pid) is None
    child.wait()


def test_waiting_ends():
    with pytest.raises(Unreachable) as caught:
        wait_until(lambda: False, seconds=0.02, what="it does not come", log=lambda: ["last"])
    assert caught.value.log == ("last",)
