"""strace(1): a program's calls to the kernel that change a disk, counted; or one of them fails.

Only the program itself is watched, and not what it starts.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

# what each kind is called, on every kind of processor
KINDS = {
    "rename": ("rename", "renameat", "renameat2"),
    "unlink": ("unlink", "unlinkat", "rmdir"),
    "link": ("link", "linkat"),
    "symlink": ("symlink", "symlinkat"),
    "fsync": ("fsync", "fdatasync"),
    "openat": ("open", "openat"),
    "write": ("write", "pwrite64", "sendfile"),
    "mkdir": ("mkdir", "mkdirat"),
}
HAPPENS = {"killed": "signal=SIGKILL", "no space": "error=ENOSPC", "I/O error": "error=EIO"}
WATCHED = ",".join(f"?{name}" for names in KINDS.values() for name in names)
LINE = re.compile(r"(\w+)\((.*)")
WRITES = re.compile(r"\bO_(WRONLY|RDWR|CREAT)\b")


@dataclass(frozen=True)
class Call:
    """The `number`-th call of a name in the life of a program, from 1."""

    name: str
    number: int


@dataclass(frozen=True)
class Fault:
    """What happens in a call: one of HAPPENS."""

    happens: str
    call: Call

    @property
    def option(self) -> str:
        """How strace is told."""
        return f"inject={self.call.name}:{HAPPENS[self.happens]}:when={self.call.number}"


def argv(log: Path | str, fault: Fault | None = None) -> list[str]:
    """Give strace and its options; a command follows, whose process is the one that was started."""
    inject = ["-e", fault.option] if fault else []
    return ["strace", "-D", "-qq", "-o", str(log), "-e", f"trace={WATCHED}", *inject]


def calls(log: str) -> dict[str, list[Call]]:
    """Give the calls of each kind that change something on a disk, in order."""
    found: dict[str, list[Call]] = {kind: [] for kind in KINDS}
    numbers: dict[str, int] = {}
    for match in filter(None, map(LINE.match, log.split("\n"))):
        name, given = match.groups()
        numbers[name] = numbers.get(name, 0) + 1
        kind = next(kind for kind, names in KINDS.items() if name in names)
        if kind != "openat" or WRITES.search(given):
            found[kind].append(Call(name, numbers[name]))
    return found


def must_be_possible() -> None:
    """Skip, with the reason, where no program can be watched."""
    if not shutil.which("strace"):
        pytest.skip("there is no strace here")
    if subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode:
        pytest.skip("strace may not watch a program here")
