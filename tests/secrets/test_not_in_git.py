"""A file of secrets that git would carry on is refused, with what cures that."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flaskwright.errors import UsageError
from flaskwright.secrets import not_in_git
from flaskwright.secrets.entries import Entries
from tests.hosts_file import host_in

ENTRY = ("MAIL", "key")


@pytest.fixture(params=["secrets.json", ".env"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of secrets in a repository, below its top."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "deploy").mkdir()
    path = tmp_path / "deploy" / request.param
    path.write_text('{"MAIL": {"key": "as-it-is-kept"}}' if "json" in path.name else KEPT)
    path.chmod(0o600)
    not_in_git.must_not_be_in_git.cache_clear()
    return path


KEPT = "MAIL_KEY='as-it-is-kept'\n"


def entries(file: Path) -> Entries:
    app = 'secrets = ["MAIL/key"]'
    host = host_in(file.parent, app=app, host=f'keyring = {{ file = "{file.name}" }}')
    return Entries(host)


def shell(command: str, file: Path) -> None:
    subprocess.run(["sh", "-ec", command], cwd=file.parent, check=True)
    not_in_git.must_not_be_in_git.cache_clear()


def test_one_that_git_ignores_is_read(file: Path) -> None:
    shell(f"echo {file.name} > .gitignore", file)
    assert entries(file).get(*ENTRY) == "as-it-is-kept"


def test_the_cure_of_one_that_git_add_would_take_cures(file: Path) -> None:
    with pytest.raises(UsageError, match="the next `git add` would take it") as caught:
        entries(file).get(*ENTRY)
    shell(caught.value.next, file)
    assert entries(file).get(*ENTRY) == "as-it-is-kept"


def test_one_that_is_not_there_yet_is_not_written_there(file: Path) -> None:
    file.unlink()
    with pytest.raises(UsageError):
        entries(file).set(*ENTRY, "a-new-value")
    assert not file.exists()


def test_one_that_is_tracked_is_refused_though_it_is_ignored(file: Path) -> None:
    shell(f"git add {file.name} && echo {file.name} > .gitignore", file)
    with pytest.raises(UsageError, match="it is in the git repository") as caught:
        entries(file).get(*ENTRY)
    untrack, _, _ = caught.value.next.partition(";")
    shell(untrack, file)
    assert entries(file).get(*ENTRY) == "as-it-is-kept"


def test_a_repository_s_own_settings_run_nothing(file: Path, tmp_path: Path) -> None:
    shell(f"git config core.fsmonitor 'touch {tmp_path}/ran; false'; git add {file.name}", file)
    (tmp_path / "ran").unlink(missing_ok=True)
    with pytest.raises(UsageError):
        entries(file).get(*ENTRY)
    assert not (tmp_path / "ran").exists()
