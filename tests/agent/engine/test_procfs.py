"""Processes of this machine: our own, and some that were started for this."""

import os
import subprocess
import sys
import time

import pytest

from flaskwright.agent.engine import procfs
from flaskwright.agent.engine.procfs import oldest, parent
from flaskwright.agent.system import ports

USER = 50_000 + os.getpid() % 10_000  # nobody has it, nor another run of these tests
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users' processes")
SLEEP = ("setpriv", f"--reuid={USER}", "--clear-groups", "sleep", "60")


def until(holds):
    """Wait for a condition, 10 s at the most."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_oldest_of_some_processes_and_who_has_started_it():
    child = subprocess.Popen(["sleep", "60"])

    assert parent(child.pid) == os.getpid()
    assert oldest([child.pid, os.getpid()]) == os.getpid()

    child.kill()
    child.wait()
    assert (parent(child.pid), oldest([child.pid]), oldest([])) == (0, 0, 0)


def test_one_that_ends_while_it_is_looked_at_has_no_parent(monkeypatch):
    child = subprocess.Popen(["sleep", "60"])

    def end(*arguments):
        file = open(*arguments)  # noqa: SIM115 - whoever calls closes it
        child.kill()
        child.wait()
        return file

    monkeypatch.setattr(procfs, "open", end, raising=False)

    assert parent(child.pid) == 0


ODD = b"\xff\xfe \n\xe2\x80\xa8"  # no UTF-8, and line separators


def test_odd_arguments_of_anybody_are_no_trouble(tmp_path):
    place = os.fsencode(tmp_path)
    names = [b"/one/bin", b"/\xff/bin", b"/two" + ODD, b"/../etc", b"/"]
    child = subprocess.Popen([b"sleep", b"60"], executable=b"/bin/sleep")
    odd = subprocess.Popen(
        [b"python3", b"-c", b"import time; time.sleep(60)", ODD, *(place + name for name in names)]
    )
    try:
        found = procfs.mentioning(str(tmp_path) + "/", {os.geteuid()})
        assert found == {"one", "two", ".."}
        assert procfs.mentioning(str(tmp_path) + "/", {USER}) == set()
    finally:
        for each in (child, odd):
            each.kill()
            each.wait()


@needs_root
def test_the_command_line_of_others_is_not_read(tmp_path, monkeypatch):
    other = subprocess.Popen(SLEEP)
    until(lambda: ports.comm(other.pid) == "sleep")
    read: list[int] = []
    look = procfs.read
    monkeypatch.setattr(
        procfs,
        "read",
        lambda pid, name: (name == "cmdline" and read.append(pid), look(pid, name))[1],
    )
    procfs.mentioning(str(tmp_path), {os.geteuid()})
    other.kill()
    other.wait()

    assert os.getpid() in read
    assert other.pid not in read


def test_a_name_that_a_process_gives_itself_is_no_fact():
    script = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'a) S 1\\rUid:0'); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", script])
    try:
        until(lambda: ports.comm(child.pid).startswith("a)"))
        assert parent(child.pid) == os.getpid()
        assert procfs.users_of(child.pid) == {os.geteuid()}
        assert procfs.program(child.pid) == os.path.realpath(sys.executable)
    finally:
        child.kill()
        child.wait()


def test_one_that_has_ended_has_nothing():
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert procfs.users_of(gone.pid) == set()
    assert procfs.stat(gone.pid) == []
    assert procfs.program(gone.pid) == ""
