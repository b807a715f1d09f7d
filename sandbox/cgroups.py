"""A control group for each host, so that equal unit names of two hosts never meet.

Hosts with --keep-unit would otherwise share the one tree of whoever started them, and limits in
them (TasksMax, MemoryMax, CPUQuota) would have no group to be in force in.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

from sandbox.commands import wait_until

MOUNT = Path("/sys/fs/cgroup")
LIMITS = ("pids", "memory", "cpu", "cpuacct")  # the controllers that a host has for itself
ENDS = {"cgroup.kill": "1", "pids.max": "0"}  # what no fork outruns, where the kernel has it


def trees() -> list[Path]:
    """The roots that hosts have a group in: of systemd's units, and of limits unless unified."""
    if (MOUNT / "cgroup.procs").exists():
        return [MOUNT]
    found = (MOUNT / name for name in ("unified", "systemd", *LIMITS))
    return list(dict.fromkeys(tree.resolve() for tree in found if tree.is_dir()))


def groups(machine: str) -> list[Path]:
    """The groups of a host, one in each tree."""
    return [tree / f"flaskwright-{machine}" for tree in trees()]


def make(machine: str) -> list[Path]:
    """Make the groups of a host, empty: what an interrupted start may have left is ended."""
    kill(machine)
    remove(machine)
    for group in groups(machine):
        group.mkdir(exist_ok=True)
        hand_on(group)
        with suppress(OSError):  # not every group has it; what was ended may have left a 0
            (group / "pids.max").write_text("max")
    return groups(machine)


def hand_on(group: Path) -> None:
    """Let groups below one of cgroup v2 have limits; in v1 each hierarchy is a limit's own."""
    for place in (group.parent, group):
        for controller in LIMITS:
            with suppress(OSError):  # v1, or a controller that v1 has
                (place / "cgroup.subtree_control").write_text(f"+{controller}")


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
        for group in groups(machine):
            for name, end in ENDS.items():
                with suppress(OSError):
                    (group / name).write_text(end)
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
