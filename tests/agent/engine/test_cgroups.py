"""Units' control groups: real ones of this machine, where it lets us make some."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flaskwright.agent.engine import cgroups
from flaskwright.agent.engine.errors import Failed

UNIT = "blog@1.service"
HYBRID = "9:name=systemd:/init.scope\n8:pids:/\n0::/init.scope\n"
WAYS = ("kill", "freeze", "count")
SLICE = "system.slice/system-blog.slice"
USER = 60_000 + os.getpid() % 5_000  # nobody has it
BOMB = """
import contextlib, os, resource, signal, sys
for group in sys.argv[2:]:
    open(group + "/cgroup.procs", "w").write("0")
signal.signal(signal.SIGTERM, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_NPROC, (100, 100))
os.setuid(int(sys.argv[1]))
if os.fork():
    os._exit(0)
while True:
    with contextlib.suppress(BlockingIOError):
        os.fork()
"""
COUNTS = """
import contextlib, os, sys, time
for group in sys.argv[2:]:
    open(group + "/cgroup.procs", "w").write("0")
while True:
    with contextlib.suppress(BlockingIOError):
        if os.fork() == 0:
            os._exit(0)
        os.wait()
        with open(sys.argv[1], "a") as file:
            file.write(".")
    time.sleep(0.01)
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Make a tree of control groups and what process 1 says of its own, all in files."""
    mount, proc = tmp_path / "cgroup", tmp_path / "proc"
    monkeypatch.setattr(cgroups, "MOUNT", str(mount))
    monkeypatch.setattr(cgroups, "PROC", str(proc))

    def make(groups: dict[str, str], told: str = HYBRID) -> Path:
        (proc / "1").mkdir(parents=True)
        (proc / "1" / "cgroup").write_text(told)
        for group, pids in groups.items():
            (mount / group).mkdir(parents=True, exist_ok=True)
            (mount / group / "cgroup.procs").write_text(pids)
        return mount

    return make


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        ({".": "", f"{SLICE}/{UNIT}": "7\n8\n"}, "0::/init.scope\n"),
        ({f"unified/{SLICE}/{UNIT}": "7\n8\n", f"systemd/{SLICE}/{UNIT}": "7\n"}, HYBRID),
        ({f"systemd/{SLICE}/{UNIT}": "7\n8\n"}, "9:name=systemd:/init.scope\n0::/\n"),
        ({".": "", f"lxc/x/{SLICE}/{UNIT}": "7\n8\n"}, "0::/lxc/x/init.scope\n"),
        ({".": "", f"{SLICE}/{UNIT}": "7\n8\n"}, "0::/docker/x/init.scope\n"),
        ({".": "", f"{SLICE}/{UNIT}": "7\n", f"{SLICE}/{UNIT}/below": "8\n0\n"}, "0::/\n"),
    ],
    ids=["v2", "hybrid", "v1", "within", "without its name", "groups below"],
)
def test_a_units_processes_are_those_of_its_group(tree, groups, told):
    tree(groups, told)

    assert cgroups.processes_in(UNIT) == {7, 8}


def test_a_name_like_a_file_of_the_kernel_is_found_as_systemd_writes_it(tree):
    tree({".": "", "system.slice/_memory.mail@1.service": "7\n"}, "0::/init.scope\n")

    assert cgroups.processes_in("memory.mail@1.service") == {7}


@pytest.mark.parametrize(
    "place",
    [
        "user.slice/user-1000.slice/user@1000.service/app.slice",
        "machine.slice/box.scope/system.slice",
        "system.slice/docker-1.scope/system.slice",
    ],
)
def test_a_unit_of_that_name_of_somebody_else_is_not_meant(tree, place):
    tree({".": "", f"{place}/{UNIT}": "7\n"}, "0::/init.scope\n")

    assert cgroups.processes_in(UNIT) == set()


def test_a_unit_that_has_ended_has_none_and_is_killed_at_once(tree):
    tree({".": ""}, "0::/init.scope\n")

    assert cgroups.processes_in(UNIT) == set()
    cgroups.kill(UNIT, 0)


def test_what_does_not_end_is_named_with_its_state(tree):
    mount = tree({".": "", f"{SLICE}/{UNIT}": f"{2**22 + 1}\n"}, "0::/init.scope\n")
    (mount / SLICE / UNIT / "pids.max").write_text("512\n")

    with pytest.raises(Failed, match=r"1 processes of blog@1.service do not end") as failed:
        cgroups.kill(UNIT, 0.05)

    assert f"{2**22 + 1} (ended)" in failed.value.why
    assert "reboot" in failed.value.next
    assert (mount / SLICE / UNIT / "pids.max").read_text().startswith("512")  # for the next start


@pytest.fixture
def real() -> Iterator[list[Path]]:
    """Groups of a unit in this machine's own trees, beside those that count and bound processes."""
    trees = [Path(tree) for tree in cgroups._trees()]
    trees += [Path(cgroups.MOUNT, "pids")] if Path(cgroups.MOUNT, "pids").is_dir() else []
    name = f"flaskwrighttest{os.getpid()}.slice"
    groups = [tree / name / UNIT for tree in trees]
    try:
        for group in groups:
            group.mkdir(parents=True)
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    yield groups
    cgroups.kill(UNIT, 20)
    for group in groups:
        for place in (group, group.parent):
            with contextlib.suppress(OSError):
                place.rmdir()


def _only(way: str, groups: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Take what a newer kernel has away from this one."""
    if way != "kill":
        monkeypatch.setattr(cgroups, "KILL", "missing")
    if way == "count":
        monkeypatch.setattr(cgroups, "FREEZE", "missing")
    needed = {"kill": cgroups.KILL, "freeze": cgroups.FREEZE, "count": "pids.max"}[way]
    if not any((group / needed).exists() for group in groups):
        pytest.skip(f"this machine has no {needed}")


@pytest.mark.parametrize("way", WAYS)
def test_what_forks_without_end_does_not_outrun_it(real, monkeypatch, way):
    _only(way, real, monkeypatch)
    user = USER + WAYS.index(way)  # the last one's may be zombies still
    argv = [sys.executable, "-c", BOMB, str(user), *map(str, real)]
    subprocess.run(argv, check=True, timeout=20)
    while len(cgroups.processes_in(UNIT)) < 50:
        time.sleep(0.01)

    cgroups.kill(UNIT, 20)

    time.sleep(0.1)
    assert cgroups.processes_in(UNIT) == set()


@pytest.mark.parametrize("way", WAYS[1:])
def test_nothing_is_started_while_it_is_ended(real, monkeypatch, tmp_path, way):
    _only(way, real, monkeypatch)
    count = tmp_path / "count"
    subprocess.Popen([sys.executable, "-c", COUNTS, str(count), *map(str, real)])
    while not _size(count):
        time.sleep(0.01)

    with contextlib.ExitStack() as held:
        for group in real:
            held.enter_context(cgroups._without_forks(str(group)))
        time.sleep(0.1)
        before = _size(count)
        time.sleep(0.3)
        assert _size(count) == before

    time.sleep(0.3)
    assert _size(count) > before


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_a_group_is_of_use_again_after_its_end(real, monkeypatch):
    _only("count", real, monkeypatch)
    join = "for group; do echo 0 >$group/cgroup.procs; done; "
    first = subprocess.Popen(["sh", "-c", join + "sleep 60 & wait", "sh", *map(str, real)])
    while len(cgroups.processes_in(UNIT)) < 2:
        time.sleep(0.01)

    cgroups.kill(UNIT, 20)

    assert first.wait(5) == -9
    again = ["sh", "-c", join + "true & wait $!", "sh", *map(str, real)]
    assert subprocess.run(again, timeout=5).returncode == 0
