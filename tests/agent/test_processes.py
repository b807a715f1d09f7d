"""Processes of this machine: our own, and some that were started for this."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flaskwright.agent.processes import SUBREAPER, end_processes, oldest, parent

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


def test_the_oldest_of_some_processes_and_who_has_started_it():
    child = subprocess.Popen(["sleep", "60"])

    assert parent(child.pid) == os.getpid()
    assert oldest([child.pid, os.getpid()]) == os.getpid()

    child.kill()
    child.wait()
    assert (parent(child.pid), oldest([child.pid]), oldest([])) == (0, 0, 0)


def test_one_that_ends_while_it_is_looked_at_has_no_parent(monkeypatch):
    child, look = subprocess.Popen(["sleep", "60"]), os.fstat

    def end(descriptor):
        child.kill()
        child.wait()
        return look(descriptor)

    monkeypatch.setattr(os, "fstat", end)

    assert parent(child.pid) == 0


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
