"""The table `permissions` of an app: what of its host it may reach, besides its own."""

from __future__ import annotations

from pathlib import PurePosixPath

from .paths import climbing, tidy
from .table import key, table
from .values import (
    Flag,
    ListOf,
    Text,
    when,
)

SEGMENT = "[A-Za-z0-9._@+-]+"
# Who is in one of these can become root, read what all programs have told, or read their keys.
POWERFUL = (
    *("root", "sudo", "wheel", "admin", "staff", "disk", "shadow", "kmem", "tty", "lpadmin"),
    *("docker", "lxd", "incus", "incus-admin", "libvirt", "podman"),
    *("adm", "systemd-journal", "ssl-cert"),
)
DISKS = (
    r"(sd|hd|vd|xvd)[a-z]|nvme|mmcblk|loop\d|dm-|md\d|sr\d|sg\d|bsg|z?ram\d|nbd|mtd|ubi|mapper/|disk/|"
    "block/"
)
DANGEROUS = (
    r"(mem|kmem|port|kmsg|fuse|cuse|uinput|console|net|vfio|vhost[\w-]*|cpu|hvc\d|vcs\w*|snapshot|"
    r"\w+-control|tty\d*|userfaultfd|ptmx)(/|$)"
)
# The system's, programs that root runs, other apps', and what a sandbox has of its own.
KEPT = (
    *("bin", "boot", "dev", "efi", "etc", "initrd.img", "lib", "lib32", "lib64", "libx32", "proc"),
    *("root", "run", "sbin", "sys", "tmp", "usr", "vmlinuz"),
    *("var/cache", "var/lib/apt", "var/lib/dpkg", "var/lib/flaskwright", "var/lib/letsencrypt"),
    *("var/lib/systemd", "var/log", "var/run", "var/spool", "var/tmp"),
)


def _powerful(group: str) -> str | None:
    if group not in POWERFUL:
        return None
    return "is as good as root, or reads what all programs say or hide: no app may be in it"


def _kept(path: str) -> str | None:
    path = tidy(path).strip("/")
    for kept in KEPT:
        if _within(path, kept):
            return f"is below /{kept}, which no app may write"
        if _within(kept, path):
            return f"has /{kept} in it, which no app may write: name what is meant"
    if path in ("srv", "home"):
        return "is for all apps and people: name what is meant"
    return None


def _within(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/") or not top


DEVICE = Text(
    'a path such as "/dev/ttyUSB0"',
    r"/dev/[A-Za-z0-9._@+:-]+(?:/[A-Za-z0-9._@+:-]+)*",
    climbing,
    when("^(?!/dev/)", 'should be below "/dev/"'),
    when(r"[*?\[]", "names one device: patterns are not known here"),
    when(rf"^/dev/({DISKS})", "is a disk, or leads to one: who has it has all that is on it"),
    when(rf"^/dev/({DANGEROUS})", "is as good as root, or reaches out of the app's sandbox"),
    when("^/dev/(shm|pts|mqueue|hugepages|log)(/|$)", "an app has one of its own"),
)
GROUP = Text("a group's name", "[a-z_][a-z0-9_-]{0,31}", _powerful)
DIRECTORY = Text(
    'a directory such as "/mnt/photos"',
    rf"(?:/+{SEGMENT})+/*",
    climbing,
    when("^(?!/)", 'should begin with "/"; what lies in the app\'s directory goes into `shared`'),
    _kept,
    tidy=lambda path: f"/{tidy(path).strip('/')}",
)


@table
class Permissions:
    """What an app may reach that its sandbox keeps from it otherwise."""

    devices: tuple[str, ...] = key(
        ListOf(DEVICE), "Devices that it may read and write.", default=()
    )
    groups: tuple[str, ...] = key(
        ListOf(GROUP), "Groups of the host that it is in, such as those of its devices.", default=()
    )
    write: tuple[str, ...] = key(
        ListOf(DIRECTORY), "Directories outside of its own that it may write.", default=()
    )
    jit: bool = key(
        Flag(),
        "Whether it may run code that it makes as it runs, as numba does.",
        default=False,
    )

    @property
    def above_in_homes(self) -> list[str]:
        """The directories between /home and what may be written, the outer ones first.

        systemd 247 makes them with the service's umask, so that the app could not pass.
        """
        given = {PurePosixPath(path) for path in self.write}
        found: dict[str, None] = {}
        for path in sorted(given):
            for place in reversed(path.parents):
                is_given = place in given or not given.isdisjoint(place.parents)
                if str(place).startswith("/home/") and not is_given:
                    found[str(place)] = None
        return list(found)

    @property
    def in_homes(self) -> bool:
        """Whether some of it lies where people live, which a sandbox covers."""
        return any(path.startswith("/home/") for path in self.write)
