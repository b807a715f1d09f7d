"""What the tests ask of this machine beside Python, and the Debian packages that bring it.

`./fab test` begins with `python -m tests.needs [--hosts]`. Where a package cannot be had, the tests
that ask for it are skipped and say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from sandbox import requirements
from sandbox.commands import ENVIRONMENT, succeeds

PROGRAMS = {
    "curl": "curl",
    "git": "git",
    "ip": "iproute2",
    "mount": "mount",
    "openssl": "openssl",
    "ps": "procps",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sshd": "openssh-server",
    "strace": "strace",
    "systemd-analyze": "systemd",
    "visudo": "sudo",
}
OF_HOSTS = {
    **requirements.PROGRAMS,
    "certutil": "libnss3-tools",
    "chromium": "chromium",
}
# Nothing that is installed here starts: tests run an sshd of their own, on the loopback.
INSTALL = """
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap "rm -f $policy" EXIT
    trap "exit 1" INT TERM
    printf '#!/bin/sh\\nexit 101\\n' >$policy
    chmod 755 $policy
fi
apt="apt-get -qq -y -o DPkg::Lock::Timeout=120"
$apt update
$apt install --no-install-recommends "$@" >/dev/null
for package; do
    [ "$package" != openssh-server ] || systemctl --quiet disable ssh.service || true
done
"""


def missing(hosts: bool) -> list[str]:
    """Return the packages whose programs are not here; hosts: also those of throw-away hosts."""
    programs: Mapping[str, str] = {**PROGRAMS, **OF_HOSTS} if hosts else PROGRAMS
    path = f"{os.environ.get('PATH', '')}:{ENVIRONMENT['PATH']}"
    return sorted(requirements.lacking(programs, path))


def become_root() -> list[str] | None:
    """Return what stands before a command that is root's; None where nobody is root."""
    if not os.geteuid():
        return []
    sudo = ["sudo", "-n"]
    return sudo if shutil.which("sudo") and succeeds([*sudo, "true"]) else None


def install(packages: list[str]) -> bool:
    """Install them; whether that was done."""
    first = become_root()
    if first is None or not shutil.which("apt-get"):
        return False
    argv = [*first, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", INSTALL, "sh", *packages]
    return not subprocess.run(argv, stdin=subprocess.DEVNULL).returncode


def main(hosts: bool) -> None:
    """Bring what is missing, and say so."""
    packages = missing(hosts)
    if not packages:
        return
    names = " ".join(packages)
    print(f"./fab test installs {names}", file=sys.stderr, flush=True)
    if not install(packages):
        why = f"sudo apt-get install {names}"
        print(
            f"./fab test: not installed; tests that ask for it are skipped: {why}", file=sys.stderr
        )


if __name__ == "__main__":
    main("--hosts" in sys.argv[1:])
