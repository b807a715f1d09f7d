"""How a person's terminal gets a shell in a release, as root, from a login of any user."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from flaskwright.by_hand.commands import _AS_ROOT

UNIT = ["systemd-run", "--pty", "--property=A=b c", "--", "sh", "-c", "a 'b'"]


@pytest.mark.parametrize(("user", "first"), [(0, []), (1000, ["sudo"])])
def test_it_is_started_as_root_word_by_word(tmp_path: Path, user: int, first: list[str]) -> None:
    for name, text in {
        "sudo": 'printf "%s\\n" sudo; exec "$@"',
        "systemd-run": 'printf "%s\\n" systemd-run "$@"',
        "id": "echo $ID",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["sh", "-c", _AS_ROOT, "sh", *UNIT],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "ID": str(user)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == [*first, *UNIT]


def test_it_is_one_line_for_login_shells_that_differ() -> None:
    assert "\n" not in _AS_ROOT
    assert "'" not in _AS_ROOT
