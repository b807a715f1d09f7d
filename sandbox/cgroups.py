"""A control group for each host, so that equal unit names of two hosts never meet.

Hosts with --keep-unit would otherwise share the one tree of whoever started them.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

from sandbox.commands import wait_until

MOUNT = Path("/sys/fs/cgroup")


def trees() -> list[Path]:
    """The roots that systemd keeps its units in: unified, hybrid (two) or legacy."""
    if (MOUNT / "cgroup.procs").exists():
        return [MOUNT]
    return [tree for tree in (MOUNT / "unified", MOUNT / "systemd") if tree.is_dir()]


def groups(machine: str) -> list[Path]:
    """The groups of a host, one in each tree."""
    return [tree / f"flaskwright-{machine}" for tree in trees()]


def make(machine: str) -> list[Path]:
    """Make the groups of a host, empty: what an interrupted start may have left is ended."""
    kill(machine)
    remove(machine)
    for group in groups(machine):
        group.mkdir(exist_ok=True)
    return groups(machine)


def members(machine: str) -> set[int]:
    """Every process of a host: systemd-nspawn, its PID 1 and all below."""
    found: set[int] = set()
    for group in groups(machine):
        for directory, _, _ in os.walk(group):  # groups come and go below us
            with suppress(OSError):
                listed = (Path(directory) / "cgroup.procs").read_text()
                found.update(int(pid) for pid in listed.split())
    return found - {0}


def kill(machine: str) -> None:
    """End every process of a host at once, its PID 1 too, which outlives systemd-nspawn's end."""

    def empty() -> bool:
        left = members(machine)
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    wait_until(empty, seconds=20, what=f"processes of {machine} cannot be ended")


def remove(machine: str) -> None:
    """Take the groups away; they have to be empty."""
    for group in groups(machine):
        for directory, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                Path(directory).rmdir()
