"""What an app may reach of its host besides its own, as `permissions` in hosts.toml has it.

Its sandbox opens no more than its rights do, and a name can lead anywhere: so what would make an
app as good as root is refused by what it is on this host.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat

from ..app.releases import Releases
from ..common.place import Place, place_above
from ..engine.errors import Failed
from ..engine.handler import Handler, handles
from ..system import disk
from ..system.owners import group_name
from .command_unit import unit_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


# Numbers of character devices (admin-guide/devices): memory, ports, the kernel's log; a console;
# cuse, uinput, fuse, loops. Whole majors: screens' memory, SCSI, registers of processors.
NUMBERS = {(1, 1), (1, 2), (1, 4), (1, 11), (5, 1), (10, 203), (10, 223), (10, 229), (10, 237)}
MAJORS = {7, 21, 202}
TERMINALS, CONSOLES = 4, 64  # a major, and how many of its minors are virtual consoles
SOCKETS = ("docker.sock", "containerd/containerd.sock", "libvirt/libvirt-sock")
THEIRS = 'the app may not use %s, which is for the group %s: groups = ["%s"]'
ROOTS = "the app may not use %s, which is root's alone: a rule of udev can give it to a group"
FSTAB = "/etc/fstab"
GIVEN = re.compile(r"(?m)^(?:BindPaths|ReadWritePaths)=-(/.+)$")
AGAIN = "correct `permissions` in hosts.toml"
MINE = (
    "the app's user may not write %s: on the host: sudo chown %s: %s, or a group in `permissions`"
)


@handles("permissions")
class Permissions(Handler):
    """Nothing in it makes the app as good as root; what it cannot use is told, and no failure.

    kept: paths that no app may write, without the first "/".
    """

    keys = ("harmless",)
    devices: tuple[str, ...]
    groups: tuple[str, ...]
    write: tuple[str, ...]
    kept: tuple[str, ...]

    def wanted(self) -> State:
        """Give {"harmless": True}: none of the permissions amounts to root."""
        return {"harmless": True}

    def actual(self) -> State:
        """Look at all of it; raises Failed, also in a dry run: only a person can help."""
        for trouble, values in (
            (self._of_group, self.groups),
            (_of_device, self.devices),
            (self._of_directory, self.write),
        ):
            for what in filter(None, map(trouble, values)):
                raise Failed(what, "no app may have that", next=AGAIN)
        for path in (*self.devices, *self.write):
            told = absent(path) or self._closed(path)
            if told:
                self.run.notice(told)
        return {"harmless": True}

    def _of_group(self, group: str) -> str:
        try:
            number = grp.getgrnam(group).gr_gid
        except KeyError:
            what, make = "this host has no group " + group, "sudo groupadd --system " + group
            raise Failed(what, next="on the host: %s; or %s" % (make, AGAIN)) from None
        if group != self.run.place.name and os.path.isdir(Place(group).releases):
            return "%s is the group of another app" % group
        owned = ["all that is root's"] if not number else _owned(number)
        return "the group %s has %s" % (group, owned[0]) if owned else ""

    def _of_directory(self, path: str) -> str:
        real = os.path.realpath(path)
        app = place_above(real)
        of_an_app = app is not None and os.path.isdir(app.releases)
        if of_an_app or any(_meet(real, "/" + kept) for kept in self.kept):
            return "%s leads to %s" % (path, real)
        return "%s is no directory" % path if os.path.isfile(path) else ""

    def _closed(self, path: str) -> str:
        """Say what to do where the rights of the app's user do not reach so far."""
        try:
            account = pwd.getpwnam(self.run.place.name)
        except KeyError:  # in a dry run
            return ""
        groups = ",".join(str(grp.getgrnam(group).gr_gid) for group in self.groups)
        given = ["--groups=" + groups] if groups else ["--clear-groups"]
        argv = ["setpriv", "--reuid=%d" % account.pw_uid, "--regid=%d" % account.pw_gid, *given]
        at = path if path in self.devices or not path.startswith("/home/") else "."
        may = self.run.command([*argv, "test", "-w", at], False, cwd=path if at == "." else "/")
        if not may.status:
            return ""
        if path in self.write:
            return MINE % (path, self.run.place.name, path)
        group = group_name(os.stat(path).st_gid)
        return THEIRS % (path, group, group) if group != "root" else ROOTS % path


def missing(place: Place) -> str:
    """Give what of it is not there for the live release; empty where all is."""
    return "; ".join(filter(None, map(absent, given(place))))


def absent(path: str) -> str:
    """Say that there is nothing at a path, or that the disk which should be there is not."""
    lines = (disk.read(FSTAB) or b"").decode("utf-8", "replace").split("\n")
    mounts = [words[1] for words in map(str.split, lines) if len(words) > 2 and words[1] != "/"]
    for place in mounts:
        if _within(path, place) and not os.path.ismount(place):
            return "%s is not there: its disk is not mounted at %s" % (path, place)
    return "" if os.path.exists(path) else "%s is not there: the app runs without it" % path


def given(place: Place) -> list[str]:
    """Give the paths that the live release's sandbox opens, whether they are there or not."""
    release = Releases(place).current()
    found = GIVEN.findall(unit_text(place, release)) if release else []
    return [path.replace("\\:", ":") for path in found]


def _of_device(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return ""
    if not os.path.realpath(path).startswith("/dev/") or not stat.S_ISCHR(status.st_mode):
        return "%s is no device of characters" % path
    return "%s reaches out of every sandbox" % path if _is_power(status) else ""


def _is_power(status: os.stat_result) -> bool:
    """Tell whether who may open that device is as good as root."""
    numbers = major, minor = os.major(status.st_rdev), os.minor(status.st_rdev)
    console = major == TERMINALS and minor < CONSOLES
    return stat.S_ISBLK(status.st_mode) or numbers in NUMBERS or major in MAJORS or console


def _owned(group: int) -> list[str]:
    """Give what makes its members as good as root: disks, memory, sockets of who starts things."""
    found = [entry.path for entry in os.scandir("/dev") if not entry.is_dir()]
    devices = [path for path in found if os.path.exists(path) and _is_power(os.stat(path))]
    sockets = filter(os.path.exists, ("/run/" + name for name in SOCKETS))
    return sorted(path for path in (*devices, *sockets) if os.stat(path).st_gid == group)


def _meet(one: str, other: str) -> bool:
    return _within(one, other) or _within(other, one)


def _within(path: str, top: str) -> bool:
    return (path + "/").startswith(top.rstrip("/") + "/")
