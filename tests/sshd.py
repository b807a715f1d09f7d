"""A real sshd on the loopback, as whoever runs the tests, with keys of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
MISSING = "sshd is not installed: apt-get install openssh-server"


@dataclass
class Sshd:
    """A running sshd: its port, host keys, and what a client needs to log in."""

    directory: Path
    options: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def identity(self) -> Path:
        return self.directory / "identity"

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()

    def host_key(self, kind: str = "ed25519") -> str:
        """Return a public host key: type and base64."""
        return " ".join((self.directory / f"host_{kind}.pub").read_text().split()[:2])

    def trusted(self, file: Path | None = None) -> Path:
        """Return a known_hosts file in which this sshd's key stands under its port."""
        file = file or self.known_hosts
        with file.open("a") as stream:
            stream.write(f"[127.0.0.1]:{self.port} {self.host_key()}\n")
        return file

    def start(self) -> Sshd:
        if SSHD is None:
            pytest.skip(MISSING)
        self.directory.mkdir(exist_ok=True)
        for name in ("host_ed25519", "host_rsa", "identity"):
            make_key(self.directory / name, "rsa" if name.endswith("rsa") else "ed25519")
        shutil.copy(self.directory / "identity.pub", self.directory / "authorized_keys")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.port = free_port()
        config = self.directory / "config"
        config.write_text("\n".join((*self.options, *self._lines())) + "\n")
        self.process = subprocess.Popen(
            [SSHD, "-D", "-f", str(config), "-E", str(self.directory / "log")],
            stdin=subprocess.DEVNULL,
        )
        self._await()
        return self

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()

    def _lines(self) -> tuple[str, ...]:
        here = self.directory
        return (
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {here}/host_ed25519",
            f"HostKey {here}/host_rsa",
            f"AuthorizedKeysFile {here}/authorized_keys",
            f"PidFile {here}/pid",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            "PrintMotd no",
        )

    def _await(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process and self.process.poll() is None, self.log
            time.sleep(0.02)
        raise AssertionError(self.log)


def path_of(directory: Path, *programs: str) -> Path:
    """Make a PATH with links to some programs, and an `id` that says root."""
    directory.mkdir()
    for program in programs:
        (directory / program).symlink_to(shutil.which(program) or f"/no/{program}")
    (directory / "python3").symlink_to(sys.executable)
    script(directory / "id", "echo 0")
    return directory


def script(path: Path, text: str) -> None:
    """Write a program for sh."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def environment(path: Path) -> str:
    """Return the sshd option for a PATH; bash reads no .bashrc in a deep shell."""
    return f"SetEnv PATH={path} SHLVL=9"


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Make a pair of keys, if it is not there."""
    if not path.exists():
        subprocess.run(
            ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", str(path)],
            check=True,
        )
    return path


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ssh_config(path: Path, *blocks: tuple[str, Sshd, str], more: str = "") -> Path:
    """Write an ssh_config with a `Host` for each (name, sshd, further lines)."""
    text = [more]
    for name, sshd, further in blocks:
        text.append(
            f"Host {name}\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User {getpass.getuser()}\n"
            f"  IdentityFile {sshd.identity}\n  UserKnownHostsFile {sshd.known_hosts}\n"
            f"  GlobalKnownHostsFile none\n  {further}\n"
        )
    path.write_text("\n".join(text))
    return path
