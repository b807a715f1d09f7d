"""The road through sudo: errors and progress cross it as JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sandbox
from flaskwright.errors import Unreachable, UsageError
from sandbox import privileged, requirements

ROOT = Path(sandbox.__file__).parent.parent


def child(act: str, **arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", act, json.dumps(arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="the child is root's")
def test_an_error_of_the_child_is_told_and_is_its_exit_status(lab):
    done = child("reset", name="nope")
    assert done.returncode == UsageError.exit_code
    error = privileged.rebuilt(json.loads(done.stdout)["error"])
    assert isinstance(error, UsageError)
    assert "nope" in error.what


@pytest.mark.skipif(os.geteuid() != 0, reason="the child is root's")
def test_an_act_that_has_nothing_to_do_says_that_it_is_done(lab):
    done = child("down_all")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"done": True}]


def test_an_unknown_act_is_refused(lab):
    assert child("explode").returncode == 2


def test_errors_survive_the_road():
    error = Unreachable("what", why="why", log=["a", "b"], next="next")
    back = privileged.rebuilt(json.loads(json.dumps(privileged.described(error))))
    assert type(back) is Unreachable
    assert (back.what, back.why, back.log, back.next) == ("what", "why", ("a", "b"), "next")


def test_every_act_has_its_public_word():
    for act in privileged.ACTS:
        assert act in sandbox.__all__


def test_a_machine_that_cannot_is_told_what_would_do(lab, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(Unreachable) as caught:
        sandbox.require()
    assert "darwin" in caught.value.why
    assert "hosts.toml" in caught.value.next
    assert caught.value.exit_code == 5


def test_missing_packages_are_named_where_nothing_can_install_them(lab, monkeypatch):
    monkeypatch.setitem(requirements.PROGRAMS, "no-such-program", "no-such-package")
    monkeypatch.setitem(requirements.ENVIRONMENT, "PATH", "/nonexistent")
    with pytest.raises(Unreachable) as caught:
        sandbox.require()
    assert "no-such-package" in caught.value.why
    assert "mmdebstrap" in caught.value.why


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_a_state_directory_on_overlayfs_is_refused(lab, tmp_path, monkeypatch):
    for name in ("low", "up", "work", "root"):
        (tmp_path / name).mkdir()
    options = f"lowerdir={tmp_path}/low,upperdir={tmp_path}/up,workdir={tmp_path}/work"
    root = tmp_path / "root"
    mount = ["mount", "-t", "overlay", "overlay", "-o", options, str(root)]
    if subprocess.run(mount, check=False).returncode:
        pytest.skip("no overlayfs here")
    try:
        monkeypatch.setenv("FLASKWRIGHT_SANDBOX", str(root / "lab"))
        with pytest.raises(Unreachable) as caught:
            sandbox.require()
        assert "overlayfs" in caught.value.why
    finally:
        subprocess.run(["umount", str(root)], check=True)
