"""Whose keys are trusted, asked and answered."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flaskwright.ssh import known_hosts
from tests.sshd import Sshd, make_key, ssh_config

ROOT = Path(__file__).parents[2]
FAB = Path(sys.executable).with_name("fab")


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    server = Sshd(tmp_path / "sshd").start()
    yield server
    server.stop()


class Fab:
    """`fab` with a configuration of ssh in which the sshd is called `pi`."""

    def __init__(self, directory: Path, sshd: Sshd) -> None:
        config = ssh_config(directory / "config", ("pi", sshd, ""))
        self.argv = [str(FAB), "-r", str(ROOT), "-S", str(config), "-H", "pi"]
        self.environment = {**os.environ, "INVOKE_RUNTIME_CONFIG": str(ROOT / "fabric.yaml")}

    def __call__(self, *words: str, stdin: int = subprocess.DEVNULL) -> int:
        """Run `fab`; returns the exit code."""
        done = subprocess.run(
            [*self.argv, *words],
            check=False,
            cwd=ROOT,
            env=self.environment,
            stdin=stdin,
            capture_output=True,
            text=True,
        )
        self.out, self.err = done.stdout, done.stderr
        return done.returncode

    def typed(self, answer: str, *words: str) -> int:
        """Run `fab` with a terminal on which a person answers."""
        person, terminal = pty.openpty()
        os.write(person, f"{answer}\n".encode())
        try:
            return self(*words, stdin=terminal)
        finally:
            os.close(person)
            os.close(terminal)


@pytest.fixture
def fab(tmp_path: Path, sshd: Sshd) -> Fab:
    return Fab(tmp_path, sshd)


def trusted(sshd: Sshd) -> list[str]:
    known = known_hosts.known(known_hosts.entry("127.0.0.1", sshd.port), [sshd.known_hosts])
    return sorted(key.type for key in known.trusted)


def fingerprint(public: Path) -> str:
    said = subprocess.run(
        ["ssh-keygen", "-lf", str(public)], capture_output=True, text=True, check=True
    )
    return said.stdout.split()[1]


def test_nobody_is_here_to_say_so(fab: Fab, sshd: Sshd) -> None:
    assert fab("hosts.trust") == 64
    assert "--fingerprint" in fab.err
    for kind in ("ed25519", "rsa"):
        assert fingerprint(sshd.directory / f"host_{kind}.pub") in fab.err
    assert trusted(sshd) == []


def test_yes(fab: Fab, sshd: Sshd) -> None:
    assert fab("hosts.trust", "--yes") == 0, fab.err
    assert trusted(sshd) == ["ssh-ed25519", "ssh-rsa"]
    assert fab("--", "echo hello") == 0, fab.err
    assert fab("hosts.trust") == 0
    assert fab.out.endswith("is trusted already\n")


def test_a_fingerprint(fab: Fab, sshd: Sshd) -> None:
    right = fingerprint(sshd.directory / "host_ed25519.pub")
    assert fab("hosts.trust", "--fingerprint", right) == 0, fab.err
    assert trusted(sshd) == ["ssh-ed25519"]
    assert fab("hosts.trust", "--fingerprint", right) == 0
    assert fab.out.endswith("is trusted already\n")


def test_another_fingerprint(fab: Fab, sshd: Sshd) -> None:
    wrong = fingerprint(sshd.identity.with_suffix(".pub"))
    assert fab("hosts.trust", "--fingerprint", wrong) == 5
    assert "none of the host's keys" in fab.err
    assert trusted(sshd) == []


def test_a_changed_key_is_not_trusted_over(fab: Fab, sshd: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other").with_suffix(".pub").read_text()
    sshd.known_hosts.write_text(f"[127.0.0.1]:{sshd.port} {other}")
    assert fab("hosts.trust", "--yes") == 5
    assert "has changed" in fab.err
    assert "ssh-keygen -R" in fab.err
    assert trusted(sshd) == ["ssh-ed25519"]


@pytest.mark.parametrize(("answer", "code"), [("yes", 0), (f"SHA256:{'A' * 43}", 5), ("", 64)])
def test_a_person_answers(fab: Fab, sshd: Sshd, answer: str, code: int) -> None:
    assert fab.typed(answer, "hosts.trust") == code, fab.err
    assert bool(trusted(sshd)) is (code == 0)


def test_what_is_no_answer_is_asked_about_again(fab: Fab, sshd: Sshd) -> None:
    assert fab.typed("y\nok\nyes", "hosts.trust") == 0, fab.err
    assert fab.err.count("Type yes, all of it") == 2
    assert trusted(sshd)


def test_a_fingerprint_may_be_typed_without_its_kind(fab: Fab, sshd: Sshd) -> None:
    right = fingerprint(sshd.directory / "host_rsa.pub").removeprefix("SHA256:")
    assert fab.typed(right, "hosts.trust") == 0, fab.err
    assert trusted(sshd) == ["ssh-rsa"]


def test_what_to_type_next_is_said(fab: Fab) -> None:
    fab("--", "true")
    assert "  next  fab -H pi hosts.trust\n" in fab.err
    fab("hosts.trust", "--yes")
    assert '  next  fab -H pi run "COMMAND"\n' in fab.err


def test_list(fab: Fab, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.toml"
    hosts.write_text(
        '[apps.blog]\nrepo = "https://git.example.org/blog.git"\n'
        '[hosts.attic]\nguide = "raspberry-pi"\naddress = "192.0.2.7"\napp = "blog"\n'
    )
    fab.environment["FLASKWRIGHT_HOSTS"] = str(hosts)
    assert fab("hosts.list") == 0, fab.err
    assert fab.out.splitlines()[1].split() == ["attic", "raspberry-pi", "blog", "192.0.2.7"]
