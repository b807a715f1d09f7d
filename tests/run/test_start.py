"""What a start of `./fab` does not do; a clock would tell the same less surely."""

from __future__ import annotations

import copy
import os
import subprocess
import sys

import pytest

import fabfile
from tests.command_line import ROOT

LATER = ("jinja2", "keyring", "sandbox", "cryptography.x509", "tomllib")
TELL = """
import atexit, gc, runpy, sys
sys.argv[1:] = ["--search-root", HERE, "--list"]
def searched():
    return sum(each["collections"] for each in gc.get_stats())
def tell():
    print(searched() - before, gc.get_freeze_count(), *sys.modules, file=sys.stderr)
before = searched()
atexit.register(tell)
runpy.run_path(HERE + "/flaskwright/__main__.py", run_name="__main__")
"""


@pytest.fixture(scope="module")
def told() -> list[str]:
    """Say how often Python has looked for garbage, and all modules, once the tasks are listed."""
    program = TELL.replace("HERE", repr(str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True, text=True, check=True,
        env={**os.environ, "INVOKE_RUNTIME_CONFIG": str(ROOT / "fabric.yaml")},
    )  # fmt: skip
    assert "deploy" in done.stdout
    return done.stderr.split()


def test_a_list_of_tasks_waits_for_nothing_that_only_a_task_needs(told: list[str]) -> None:
    assert "fabric" in told
    assert not set(LATER) & set(told)


def test_nothing_is_searched_for_garbage_while_all_is_imported(told: list[str]) -> None:
    assert int(told[0]) <= 10  # what runpy imports itself; without our part it is 60


def test_nor_while_it_ends(told: list[str]) -> None:
    assert int(told[1]) > 10_000  # objects that are left out of the last search


def test_invoke_copies_no_task() -> None:
    task = fabfile.ns.tasks["deploy"]
    assert copy.deepcopy(fabfile.ns.tasks)["deploy"] is task


def test_a_host_of_ones_own_needs_no_sandbox() -> None:
    program = (
        "import sys, tasks.sandbox\n"
        "from flaskwright.inventory import Host\n"
        "from flaskwright.run.makers import made\n"
        "made(Host('pi', address='127.0.0.1'), True)\n"
        "print('sandbox' in sys.modules)"
    )
    argv = [sys.executable, "-P", "-c", program]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "False\n"
