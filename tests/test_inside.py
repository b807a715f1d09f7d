"""How a shell becomes the app's user, with its secrets where the release has some."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from flaskwright.inside import _AS_USER

SETTINGS = (
    "LoadCredentialEncrypted=keyring:/var/lib/flaskwright/blog/credentials/01.sealed",
    "LoadCredential=keyring:/var/lib/flaskwright/blog/credentials/01.open",
    "Environment=CREDENTIALS_DIRECTORY=/srv/blog/credentials/01.file",
)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Programs that only say what they were called with; `id` says who UID is."""
    place = tmp_path / "bin"
    place.mkdir()
    for name in ("sudo", "runuser", "systemd-run"):
        (place / name).write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@"\n')
    (place / "env").write_text('#!/bin/sh\nshift\nexec "$@"\n')
    (place / "id").write_text('#!/bin/sh\necho "$ID"\n')
    for program in place.iterdir():
        program.chmod(0o755)
    return place


def called(directory: Path, user: int, setting: str) -> list[str]:
    """Return the program that the shell becomes, word by word."""
    unit = directory / "current" / "etc" / "systemd" / "system" / "blog@.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(f"[Service]\nEnvironment=HOME=/\n{setting}\n")
    argv = ["sh", "-c", _AS_USER, "sh", "blog", str(directory), "sh", "-c", "a 'b'"]
    path = f"{directory / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        argv, env={"PATH": path, "ID": str(user)}, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(("user", "first"), [(0, ["runuser"]), (1000, ["sudo"])])
def test_without_secrets_it_is_one_program(programs: Path, user: int, first: list[str]) -> None:
    told = called(programs.parent, user, "")
    assert told == [*first, "-u", "blog", "--", "sh", "-c", "a 'b'"]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(("user", "first"), [(0, []), (1000, ["sudo"])])
def test_with_secrets_it_is_a_unit_that_has_them(
    programs: Path, user: int, first: list[str], setting: str
) -> None:
    told = called(programs.parent, user, setting)
    assert told[0] == (first or ["systemd-run"])[0]
    assert "systemd-run" in told
    assert {"--pty", "--wait", "--uid=blog", f"--property={setting}"} <= set(told)
    assert told[-4:] == ["--", "sh", "-c", "a 'b'"]


def test_it_is_one_line_for_login_shells_that_differ() -> None:
    assert "\n" not in _AS_USER
    assert "'" not in _AS_USER
