"""Processes of this machine: our own, and some that were started for this."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flaskwright.agent import processes
from flaskwright.agent.processes import SUBREAPER, end_processes, with_children

USER = 50_000 + os.getpid() % 10_000  # nobody has it, nor another run of these tests
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users' processes")
SLEEP = ("setpriv", f"--reuid={USER}", "--clear-groups", "sleep", "60")
BUILD = """
import os, subprocess, sys, time
from flaskwright.agent.processes import adopt_orphans, end_processes
adopt_orphans()
subprocess.run(sys.argv[2:], check=True)
time.sleep(0.3)
end_processes(int(sys.argv[1]))
left = subprocess.run(["ps", "-o", "stat=", "-u", sys.argv[1]], capture_output=True, text=True)
print([state for state in left.stdout.split() if not state.startswith("Z")])
"""


def test_a_process_and_its_children():
    child = subprocess.Popen(["sleep", "60"])

    assert {os.getpid(), child.pid} <= set(with_children(os.getpid()))

    child.kill()
    child.wait()


def test_one_that_ends_while_it_is_looked_at_has_no_parent(monkeypatch):
    child = subprocess.Popen(["sleep", "60"])

    def end(*arguments):
        file = open(*arguments)  # noqa: SIM115 - whoever calls closes it
        child.kill()
        child.wait()
        return file

    monkeypatch.setattr(processes, "open", end, raising=False)

    assert processes._parent(child.pid) == 0


@needs_root
def test_what_a_user_left_running_is_ended():
    left = subprocess.Popen(SLEEP)
    time.sleep(0.3)

    end_processes(USER)

    assert left.wait(5) == -9


@needs_root
@pytest.mark.parametrize("away", ["setsid -f", "setsid -f unshare --user --pid --fork"])
def test_what_hides_from_its_parent_is_ended_too(away):
    hide = ["setpriv", f"--reuid={USER}", "--clear-groups", *away.split(), "sleep", "60"]
    argv = [sys.executable, "-c", BUILD, str(USER), *hide]
    root = Path(__file__).parents[2]

    done = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=root, timeout=30)

    assert done.stdout == "[]\n"


@needs_root
def test_the_same_number_in_a_container_is_somebody_else(tmp_path):
    ctypes.CDLL(None).prctl(SUBREAPER, 0, 0, 0, 0)  # other tests in this process may have set it
    contained = ["setsid", "--fork", "unshare", "--pid", "--fork", *SLEEP[:-1], "61"]
    subprocess.run(contained, check=True)
    time.sleep(0.5)
    (pid,) = subprocess.run(
        ["pgrep", "-u", str(USER), "-f", "sleep 61"], check=True, capture_output=True, text=True
    ).stdout.split()

    end_processes(USER)

    os.kill(int(pid), 9)  # it was still there


ODD = b"\xff\xfe \n\xe2\x80\xa8"  # no UTF-8, and line separators


def test_odd_arguments_of_anybody_are_no_trouble(tmp_path):
    place = os.fsencode(tmp_path)
    names = [b"/one/bin", b"/\xff/bin", b"/two" + ODD, b"/../etc", b"/"]
    child = subprocess.Popen([b"sleep", b"60"], executable=b"/bin/sleep")
    odd = subprocess.Popen(
        [b"python3", b"-c", b"import time; time.sleep(60)", ODD, *(place + name for name in names)]
    )
    try:
        time.sleep(0.3)
        found = processes.mentioning(str(tmp_path) + "/", {os.geteuid()})
        assert found == {"one", "two", ".."}
        assert processes.mentioning(str(tmp_path) + "/", {USER}) == set()
    finally:
        for each in (child, odd):
            each.kill()
            each.wait()


@needs_root
def test_the_command_line_of_others_is_not_read(tmp_path, monkeypatch):
    other = subprocess.Popen(SLEEP)
    time.sleep(0.3)
    read: list[int] = []
    look = processes.read
    monkeypatch.setattr(
        processes,
        "read",
        lambda pid, name: (name == "cmdline" and read.append(pid), look(pid, name))[1],
    )
    processes.mentioning(str(tmp_path), {os.geteuid()})
    other.kill()
    other.wait()

    assert os.getpid() in read
    assert other.pid not in read


def test_a_name_that_a_process_gives_itself_is_no_fact():
    script = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'a) S 1\\rUid:0'); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", script])
    time.sleep(0.5)
    try:
        assert processes._parent(child.pid) == os.getpid()
        assert processes.users_of(child.pid) == {os.geteuid()}
        assert processes.program(child.pid) == os.path.realpath(sys.executable)
    finally:
        child.kill()
        child.wait()


def test_one_that_has_ended_has_nothing():
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert processes.users_of(gone.pid) == set()
    assert processes.stat(gone.pid) == []
    assert processes.program(gone.pid) == ""
