"""A power cut that takes what was not written: the host's disk as it is without the page cache.

What a throw-away host writes (`upper` of its overlay) lies on an image of its own for the time of a
cell. At the moment of the fault the image's blocks are copied while the whole host stands still;
the host goes on from the copy. ext4 commits and writes there only what somebody asks it to.
"""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import suppress

import pytest

import sandbox
from sandbox import cgroups, layers
from sandbox.commands import run, succeeds
from sandbox.network import recorded
from sandbox.state import lab, record
from tests.hosts.project import Said
from tests.hosts.visitor import wait_for

from .faults import hit
from .phases import prepare
from .trial import Trial, sign

SIZE = "1G"
# nothing is written for its age, nor because a file is renamed over another
OPTIONS = "loop,commit=300,noauto_da_alloc"
PROGRAMS = ("mkfs.ext4", "e2fsck", "dd", "mount", "losetup")
UNWRITTEN = "/var/tmp/unwritten"  # a file that nobody asks to be written


class Disk:
    """The disk of a throw-away host, on an image while `with` lasts; then as it was before."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.place = layers.disk(lab(), record(lab(), name))
        self.away = self.place.with_name("disk.away")
        self.image = self.place.with_name("disk.ext4")

    def __enter__(self) -> Disk:
        sandbox.poweroff(self.name)
        try:
            run(["truncate", "--size", SIZE, str(self.image)])
            run(["mkfs.ext4", "-q", "-F", str(self.image)])
            self.place.rename(self.away)
            self.place.mkdir(mode=0o700)
            self._mount()
            run(["cp", "--archive", str(self.away / "upper"), str(self.place / "upper")])
            run(["umount", str(self.place)])
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def boot(self) -> None:
        """Switch the host on, with what the image has; ext4's journal is replayed."""
        run(["e2fsck", "-p", str(self.image)], check=False)
        self._mount()
        sandbox.boot(self.name)

    def lose_power(self) -> None:
        """Cut the host off, and what no program has asked to be written is lost."""
        copy = self.image.with_suffix(".copy")
        self._stand_still()
        source, target = f"if={self.image}", f"of={copy}"
        run(["dd", source, target, "iflag=direct", "bs=4M", "conv=sparse", "status=none"])
        sandbox.power_cut(self.name)
        copy.rename(self.image)

    def _stand_still(self) -> None:
        """Let no process of the host do anything any more; `power_cut` ends them."""
        network = recorded(lab())
        assert network is not None
        machine = network.machine(record(lab(), self.name).number)
        stopped: set[int] = set()
        while moving := cgroups.members(machine) - stopped:
            for pid in moving:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
            stopped |= moving

    def _mount(self) -> None:
        run(["mount", "-o", OPTIONS, str(self.image), str(self.place)])

    def __exit__(self, *error: object) -> None:
        sandbox.power_cut(self.name)  # unmounts the image too
        for path in (self.image, self.image.with_suffix(".copy")):
            path.unlink(missing_ok=True)
        if self.away.exists():
            self.place.rmdir()
            self.away.rename(self.place)
        sandbox.boot(self.name)


def lost_pages(trial: Trial, phase: str) -> Said:
    """The power goes, and with it what was not written; the environment is new too."""
    must_be_possible()
    live = trial.live
    prepare(trial, "requirements")
    disk = trial.after.enter_context(Disk(live.project.name))
    wait_for(live.address)
    sign(live, trial.note)  # on this disk, too: what lay in memory alone went with the other one
    hit(trial, phase, f"echo text > {UNWRITTEN}")
    disk.lose_power()
    said = trial.said()
    disk.boot()
    wait_for(live.address)
    assert not live.shell(f"cat {UNWRITTEN}", check=False), "everything was written: shows nothing"
    empty, _ = trial.started("empty.py").communicate(timeout=60)
    assert empty == "done\n"
    return said


def must_be_possible() -> None:
    """Skip the cell, with the reason, where there can be no such disk."""
    if os.geteuid():
        pytest.skip("it takes root to mount an image")
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        pytest.skip(f"this machine has no {missing[0]}")
    if not succeeds(["losetup", "--find"]):
        pytest.skip("this machine has no loop device that is free")
