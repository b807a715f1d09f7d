"""What a machine needs to run throw-away hosts, and the Debian packages that bring it."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from flaskwright.errors import Unreachable
from sandbox.commands import ENVIRONMENT, Progress, follow, quiet, run, succeeds
from sandbox.state import Lab

PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "nft": "nftables",
    "ssh-keygen": "openssh-client",
    "ssh": "openssh-client",
    "mount": "mount",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "setsid": "util-linux",
    "unshare": "util-linux",
}
FILES = {
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
    "/etc/ssl/certs/ca-certificates.crt": "ca-certificates",
}
CAP_NET_ADMIN, CAP_SYS_ADMIN = 12, 21
INSTEAD = (
    "A Debian machine or virtual machine with root would do; so would a machine of your own: "
    'write its address in hosts.toml, [hosts.pi] address = "…", and use -H pi.'
)


def require(lab: Lab) -> None:
    """Return when this machine can run throw-away hosts; Unreachable (exit 5) says why not."""
    if not sys.platform.startswith("linux"):
        raise cannot(f"This is {sys.platform}; it takes Linux with namespaces and overlayfs.")
    if os.geteuid() and not shutil.which("sudo"):
        raise cannot("It takes root, and neither is this root nor is sudo installed.")
    if missing_packages() and not shutil.which("apt-get", path=ENVIRONMENT["PATH"]):
        packages = ", ".join(missing_packages())
        raise cannot(f"The Debian packages {packages} are missing and there is no apt-get.")
    require_kernel()
    require_disk(lab)


def cannot(why: str, log: Sequence[str] = ()) -> Unreachable:
    """The error for a machine that cannot run a sandbox."""
    return Unreachable(
        "sandbox: this machine cannot run throw-away hosts", why=why, log=log, next=INSTEAD
    )


def missing_packages() -> list[str]:
    """Debian packages whose programs or files are not here."""
    files = {package for path, package in FILES.items() if not Path(path).exists()}
    return sorted(files | lacking(PROGRAMS, ENVIRONMENT["PATH"]))


def lacking(programs: Mapping[str, str], path: str) -> set[str]:
    """Those of the packages, by program, whose program is in no directory of `path`."""
    return {name for program, name in programs.items() if not shutil.which(program, path=path)}


def install(progress: Progress = quiet) -> None:
    """Install the missing packages with apt-get (as root)."""
    packages = missing_packages()
    if not packages:
        return
    progress(f"installing {' '.join(packages)} on this machine")
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=120"]
    try:
        follow([*apt, "update"], quiet)
        install = [*apt, "install", "--no-install-recommends", *packages]
        follow(install, lambda line: say(line, progress))
    except Unreachable as error:
        names = ", ".join(packages)
        raise cannot(f"The Debian packages {names} could not be installed.", error.log) from error


def say(line: str, progress: Progress) -> None:
    """Hand on what tells how far apt-get is."""
    if line.startswith("Setting up"):
        progress(line.rstrip(" ."))


def require_kernel() -> None:
    """Overlayfs, namespaces and control groups; the last two can be seen by root only."""
    if "overlay" not in Path("/proc/filesystems").read_text().split() and not (
        os.geteuid() or succeeds(["modprobe", "overlay"])
    ):
        raise cannot("The kernel has no overlayfs.")
    if not os.geteuid() and not has_capabilities(CAP_NET_ADMIN, CAP_SYS_ADMIN):
        raise cannot("Root is not allowed to mount and to make networks here (a container?).")
    if not any(line.split()[2].startswith("cgroup") for line in mounts()):
        raise cannot("No control groups are mounted below /sys/fs/cgroup.")


def require_disk(lab: Lab) -> None:
    """The layers must not themselves lie on overlayfs, as a container's own disk does."""
    place = next(path for path in (lab.root, *lab.root.parents) if path.exists())
    held = [line.split() for line in mounts() if place.is_relative_to(line.split()[1])]
    if held and max(held, key=lambda fields: len(fields[1]))[2] == "overlay":
        raise cannot(
            f"{lab.root} lies on overlayfs, which cannot carry another. "
            "FLASKWRIGHT_SANDBOX may name a directory on a disk."
        )


def has_capabilities(*numbers: int) -> bool:
    """Whether this process may do what those capabilities allow."""
    status = Path("/proc/self/status").read_text()
    effective = int(status.partition("CapEff:")[2].split()[0], 16)
    return all(effective >> number & 1 for number in numbers)


def mounts() -> list[str]:
    """The lines of /proc/mounts: device, place, type, options."""
    return Path("/proc/mounts").read_text().splitlines()


def architecture() -> str:
    """Debian's word for this machine's processor."""
    return run(["dpkg", "--print-architecture"]).strip()
