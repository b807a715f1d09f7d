"""Git on a host: real git, repositories that name programs, and none of them runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from flaskwright.agent.common.place import Place
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.engine.run import Run
from flaskwright.agent.git import command as git_command
from flaskwright.agent.git.commits import Commits
from flaskwright.agent.git.remote import Remote
from tests.git_repository import GitRepository


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program"
    path.write_text(f"#!/bin/sh\necho ran >>{tmp_path}/marker\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


@pytest.fixture
def here(tmp_path: Path, run: Run) -> Commits:
    run.place = Place("blog", str(tmp_path))
    commits = Commits(run)
    commits.make()
    return commits


@pytest.fixture
def origin(tmp_path: Path) -> GitRepository:
    return GitRepository(tmp_path / "origin")


def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: Path) -> None:
    """Configure filters and more for this account, as an administrator might."""
    home = tmp_path / "home"
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".gitconfig").write_text(
        f'[filter "evil"]\n\tsmudge = {program}\n\tprocess = {program}\n'
        f"[core]\n\tfsmonitor = {program}\n\tattributesFile = {home}/attributes\n"
        f"\thooksPath = {home}/hooks\n[safe]\n\tdirectory = *\n"
    )
    (home / "attributes").write_text("* filter=evil\n")
    (home / ".config" / "git" / "attributes").write_text("* filter=evil\n")
    (home / "hooks").mkdir()
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        (home / "hooks" / name).symlink_to(program)
    monkeypatch.setattr(
        "flaskwright.agent.engine.command.pwd.getpwuid",
        lambda uid: __import__("pwd").struct_passwd(("me", "x", uid, uid, "", str(home), "")),
    )


def test_a_commit_s_attributes_run_no_filter(tmp_path, here, origin, program, marker, monkeypatch):
    configured(monkeypatch, tmp_path, program)
    commit = origin.commit({".gitattributes": "* filter=evil\n", "app.py": "1\n"})
    assert Remote(f"file://{origin.path}", here).fetch(commit) == commit
    here.keep(commit)
    (tmp_path / "code").mkdir()

    here.check_out(commit, str(tmp_path / "code"))
    here.forget(commit)
    assert (tmp_path / "code" / "app.py").read_text() == "1\n"
    assert not marker.exists()


def test_a_url_leads_to_no_program_and_to_no_other_protocol(here, program, marker):
    for url in (f"ext::{program}", f"ext::sh -c {program}"):
        with pytest.raises(Failed):
            Remote(url, here).ask()
    assert not marker.exists()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://git.example.org/b.git", "https:ssh"),
        ("http://git.example.org/b.git", "http:https:ssh"),
        ("git://git.example.org/b.git", "git:https:ssh"),
        ("ssh://git@git.example.org/b.git", "https:ssh"),
        ("git@git.example.org:b.git", "https:ssh"),
        ("file:///srv/b.git", "file:https:ssh"),
    ],
)
def test_a_server_cannot_lead_into_files_of_the_host(url, allowed):
    assert git_command.protocols(url) == allowed


def test_what_is_missing_is_not_fetched_by_the_way(tmp_path, here, origin, program, marker):
    commit = origin.commit({"app.py": "1\n"})
    Remote(f"file://{origin.path}", here).fetch(commit)
    blob = origin.git("rev-parse", "HEAD:app.py")
    for pack in (tmp_path / "repo.git" / "objects").rglob("*.pack"):
        data = pack.read_bytes()
        for each in pack.parent.glob("pack-*"):
            each.unlink()
        unpack = ["git", f"--git-dir={here.path}", "unpack-objects", "-q"]
        subprocess.run(unpack, input=data, check=True)
    (tmp_path / "repo.git" / "objects" / blob[:2] / blob[2:]).unlink()
    for name, value in (
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::{program}"),
        ("protocol.ext.allow", "always"),
    ):
        subprocess.run(["git", f"--git-dir={here.path}", "config", name, value], check=True)
    (tmp_path / "code").mkdir()

    with pytest.raises(Failed):
        here.check_out(commit, str(tmp_path / "code"))
    assert not marker.exists()
    subprocess.run(["git", f"--git-dir={here.path}", "cat-file", "-p", blob], capture_output=True)
    assert marker.exists(), "this is no trap"


def test_only_what_talks_to_a_server_hears_the_administrator():
    alone, talking = (
        git_command.environment(None),
        git_command.environment("https://git.example.org/b.git"),
    )

    assert alone["GIT_CONFIG_GLOBAL"] == os.devnull
    assert (alone["GIT_CONFIG_NOSYSTEM"], alone["GIT_ALLOW_PROTOCOL"]) == ("1", "none")
    assert not {"HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"} & set(talking)
