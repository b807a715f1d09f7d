"""The image of a suite: a pristine small Debian, built once with mmdebstrap and kept by recipe.

What a guide installs (nginx, git, python3-venv) is not in it.
"""

import hashlib
import json
import shutil
import signal
from contextlib import suppress
from pathlib import Path

from flaskwright.errors import Unreachable, UsageError
from sandbox import mirror
from sandbox.commands import Progress, follow, run
from sandbox.requirements import architecture
from sandbox.state import Lab, records, remove

SUITES = ("bookworm", "trixie", "bullseye")
PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "libpam-systemd", "openssh-server", "python3", "sudo"),
    *("ca-certificates", "iproute2", "curl", "procps"),
)
# Ends when we end, and its children and its mounts of /proc and /sys with it.
CONFINED = "setpriv --pdeathsig=KILL unshare --mount --pid --mount-proc --fork --kill-child --"
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
FILES = {
    "etc/sudoers.d/010_pi-nopasswd": "pi ALL=(ALL) NOPASSWD: ALL\n",
    # On hybrid control groups the stop of a user's manager can hang, and the next login with it.
    "etc/systemd/logind.conf.d/10-sandbox.conf": "[Login]\nUserStopDelaySec=infinity\n",
    "etc/default/locale": "LANG=C.UTF-8\n",
    # pip brings its own authorities; the operator's network may need those of the machine.
    "etc/pip.conf": f"[global]\ncert = {BUNDLE}\n",
}
COMMANDS = (
    ("useradd", "--create-home", "--shell", "/bin/bash", "--groups", "adm,sudo", "pi"),
    ("systemctl", "enable", "systemd-networkd.service"),
    # They would take apt's lock, and the network, at a moment of their own.
    ("systemctl", "disable", "apt-daily.timer", "apt-daily-upgrade.timer"),
    ("update-ca-certificates",),
)
PERSONAL = ("etc/ssh/ssh_host_*", "etc/hostname", "etc/resolv.conf", "var/log/*.log")


def ensure(lab: Lab, suite: str, progress: Progress) -> str:
    """The name of the suite's current image, built when it is not there yet."""
    name, owner = current(suite), lab.owner
    with owner.locked(suite):
        if not (owner.images / name).exists():
            build(owner, suite, name, progress)
            drop_unused(owner, suite, name)
    return name


def current(suite: str) -> str:
    """The name that an image of today's recipe has: SUITE-HASH."""
    recipe = [
        suite,
        architecture(),
        PACKAGES,
        FILES,
        COMMANDS,
        PERSONAL,
        mirror.apt_options(),
        hashlib.sha256(BUNDLE.read_bytes()).hexdigest(),
    ]
    return f"{suite}-{hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:12]}"


def build(lab: Lab, suite: str, name: str, progress: Progress) -> None:
    """Build beside the place and rename: an image is complete or not there."""
    progress(f"building a pristine Debian {suite}")
    root = lab.images / f".{suite}.new"
    remove(root)
    try:
        follow(bootstrap(suite, root), lambda line: say(line, progress), end=signal.SIGKILL)
        customise(root)
        root.rename(lab.images / name)
    except Unreachable as error:
        raise Unreachable(
            f"sandbox: the image of Debian {suite} could not be built",
            why="mmdebstrap did not get or not install its packages.",
            log=error.log,
        ) from error
    finally:
        with suppress(OSError):  # what was just ended may still hold it: the next build removes it
            remove(root)


def say(line: str, progress: Progress) -> None:
    """Hand on what mmdebstrap tells of its stages."""
    if line.startswith("I: "):
        progress(line[3:])


def bootstrap(suite: str, root: Path) -> list[str]:
    """The command line of mmdebstrap."""
    return [
        *CONFINED.split(),
        *("mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"),
        f"--include={','.join(PACKAGES)}",
        *(f"--aptopt={option}" for option in mirror.apt_options()),
        suite,
        str(root),
        *mirror.sources(suite),
    ]


def customise(root: Path) -> None:
    """The user, the settings, the operator's certificate authorities; nothing of one host."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o440 if "sudoers" in name else 0o644)
    add_authorities(root)
    for command in COMMANDS:
        run(["chroot", str(root), *command])
    for pattern in PERSONAL:
        for path in root.glob(pattern):
            path.unlink()


def add_authorities(root: Path) -> None:
    """Certificate authorities that this machine trusts and the image does not know."""
    known = set(certificates(root / BUNDLE.relative_to("/")))
    added = root / "usr/local/share/ca-certificates"
    for number, text in enumerate(certificates(BUNDLE)):
        if text not in known:
            (added / f"operator-{number}.crt").write_text(text)


def certificates(bundle: Path) -> list[str]:
    """The PEM blocks of a file."""
    end = "-----END CERTIFICATE-----\n"
    blocks = bundle.read_text().split(end)[:-1]
    return [block[block.index("-----BEGIN CERTIFICATE-----") :] + end for block in blocks]


def drop_unused(lab: Lab, suite: str, name: str) -> None:
    """Remove older images of the suite that no host and no layer stands on.

    None goes while they are lent: another state directory's hosts are not known here.
    """
    with suppress(UsageError), lab.alone_with_images():
        remove_unused(lab, suite, name)


def remove_unused(lab: Lab, suite: str, name: str) -> None:
    """Remove those that nothing of this state directory stands on."""
    used = {name} | {record.image for record in records(lab)}
    used |= {json.loads(path.read_text())["image"] for path in lab.layers.glob("*.json")}
    for image in lab.images.glob(f"{suite}-*"):
        if image.name not in used:
            shutil.rmtree(image)
