"""Repositories of strangers: whatever they configure, git runs no program here for them.

Each one is asked all that a deploy asks; a marker tells what ran. Real git, and beside it git as it
is typed, which does run what the repository names: so the traps are real ones.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flaskwright.config.code import git_directory
from flaskwright.errors import FlaskwrightError, UsageError
from flaskwright.workstation import commits
from flaskwright.workstation.repository import viewed
from tests.git_repository import GitRepository


class Trap:
    """A repository at `top`, and a program that leaves a mark."""

    def __init__(self, place: Path) -> None:
        self.top = place / "repo"
        self.marker = place / "marker"
        self.program = place / "program"
        self.program.write_text(f"#!/bin/sh\necho ran >>{self.marker}\ncat\n")
        self.program.chmod(0o755)
        self.repository = GitRepository(self.top)
        self.commit = self.repository.commit({"app.py": "1\n", "x.dat": "1\n"})

    def configure(self, *pairs: tuple[str, object]) -> None:
        for name, value in pairs:
            self.repository.git("config", name, str(value))

    def touch(self) -> None:
        """Change a file, so that git has to look at it."""
        self.repository.write("x.dat", "2\n")


def fsmonitor(trap: Trap) -> None:
    trap.configure(("core.fsmonitor", trap.program))


def included(trap: Trap) -> None:
    more = trap.top.parent / "more"
    more.write_text(f"[core]\n\tfsmonitor = {trap.program}\n")
    trap.configure(("include.path", more))


def clean_filter(trap: Trap) -> None:
    trap.repository.commit({".gitattributes": "*.dat filter=evil\n"})
    trap.configure(("filter.evil.clean", trap.program), ("filter.evil.required", "true"))
    trap.touch()


def process_filter(trap: Trap) -> None:
    trap.repository.commit({".gitattributes": "*.dat filter=evil\n"})
    trap.configure(("filter.evil.process", trap.program))
    trap.touch()


def attributes_of_its_own(trap: Trap) -> None:
    (trap.top / ".git" / "info" / "attributes").write_text("* filter=evil\n")
    trap.configure(("filter.evil.clean", trap.program))
    trap.touch()


def hooks(trap: Trap) -> None:
    for name in ("post-index-change", "pre-auto-gc", "reference-transaction"):
        hook = trap.top / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.symlink_to(trap.program)
    trap.top.joinpath("app.py").touch()


def submodule(trap: Trap) -> None:
    inner = GitRepository(trap.top / "inner")
    inner.commit({"a": "1"})
    inner.git("config", "core.fsmonitor", str(trap.program))
    trap.repository.git("-c", "core.fsmonitor=", "add", "inner")
    trap.repository.git("commit", "--quiet", "--message=inner")


def lazy_fetch(trap: Trap) -> None:
    """Leave an object out that git would fetch by a program."""
    trap.program.write_text(f"#!/bin/sh\necho ran >>{trap.marker}\n")
    blob = trap.repository.git("rev-parse", "HEAD:x.dat")
    (trap.top / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    trap.configure(
        ("core.repositoryformatversion", 1),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", f"ext::{trap.program}"),
        ("protocol.ext.allow", "always"),
        ("remote.origin.uploadpack", trap.program),
        ("core.sshCommand", trap.program),
    )


TRAPS = (
    *(fsmonitor, included, clean_filter, process_filter, attributes_of_its_own, hooks),
    *(submodule, lazy_fetch),
)
SPRINGS = {
    "hooks": ("status",),
    "lazy_fetch": ("cat-file", "-p", "HEAD:x.dat"),
}


def ask_all(top: Path) -> None:
    """Ask what a deploy asks; one that has not all its objects cannot be sent."""
    commit = commits.resolve(top, "HEAD")
    commits.uncommitted(top)
    try:
        commits.pack(top, commit, ["0" * 40])
    except FlaskwrightError as error:
        assert "failed in" in error.what


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


@pytest.mark.parametrize("kind", TRAPS, ids=lambda kind: kind.__name__)
def test_nothing_runs_that_a_repository_names(trap: Trap, kind: Callable[[Trap], None]) -> None:
    kind(trap)

    ask_all(trap.top)
    assert not trap.marker.exists()

    typed = SPRINGS.get(kind.__name__, ("status",))
    subprocess.run(["git", "-C", trap.top, *typed], capture_output=True, timeout=60)
    assert trap.marker.exists(), "this is no trap"


def test_a_bare_repository_inside_of_a_clone(trap: Trap) -> None:
    """What git finds by itself in a directory of a commit's files, with a work tree of its own."""
    bare = trap.top / "bare"
    subprocess.run(["git", "clone", "--quiet", "--bare", trap.top, bare], check=True)
    (bare / "index").write_bytes((trap.top / ".git" / "index").read_bytes())
    for name, value in (("bare", "false"), ("worktree", trap.top), ("fsmonitor", trap.program)):
        subprocess.run(["git", f"--git-dir={bare}", "config", f"core.{name}", value], check=True)

    ask_all(bare)
    ask_all(trap.top)
    assert not trap.marker.exists()
    subprocess.run(["git", "-C", bare, "status"], capture_output=True)
    assert trap.marker.exists(), "this is no trap"


def test_a_work_tree_elsewhere_is_not_looked_at(trap: Trap, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "diary").write_text("")
    trap.configure(("core.worktree", tmp_path / "private"))

    assert commits.uncommitted(trap.top) == []


def test_what_the_environment_says_of_git_is_about_another_one(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(trap.program))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(trap.program))

    ask_all(trap.top)
    assert not trap.marker.exists()


def test_a_replaced_commit_is_sent_as_its_id_says(trap: Trap, tmp_path: Path) -> None:
    """References of a repository can have git take one object for another."""
    other = trap.repository.commit({"app.py": "other\n"})
    trap.repository.git("replace", trap.commit, other)
    pack = commits.pack(trap.top, trap.commit, [])

    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    subprocess.run(["git", "-C", bare, "index-pack", "--stdin"], input=pack, check=True,
                   capture_output=True)  # fmt: skip
    shown = subprocess.run(["git", "-C", bare, "show", f"{trap.commit}:app.py"],
                           check=True, capture_output=True, text=True)  # fmt: skip
    assert shown.stdout == "1\n"


@pytest.mark.parametrize("word", ["--all", "-h", "HEAD", "main", "--stdin", "^main", "x" * 40])
def test_a_host_s_word_for_a_commit_it_has_is_forty_digits(trap: Trap, word: str) -> None:
    assert commits.pack(trap.top, trap.commit, [word]) == commits.pack(trap.top, trap.commit, [])


def test_how_files_are_to_be_compared_is_taken_over(trap: Trap) -> None:
    trap.configure(("core.fileMode", "false"))
    (trap.top / "app.py").chmod(0o755)
    assert commits.uncommitted(trap.top) == []

    trap.configure(("core.fileMode", "true"))


def test_what_the_operator_has_git_ignore_is_ignored(
    trap: Trap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text("[core]\n\texcludesFile = ~/ignored\n")
    (tmp_path / "home" / "ignored").write_text(".DS_Store\n")
    (trap.top / ".git" / "info" / "exclude").write_text("own\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in (".DS_Store", "own", "seen"):
        trap.repository.write(name, "")

    assert commits.uncommitted(trap.top) == ["?? seen"]


def test_a_linked_work_tree_has_its_own_head_and_index(trap: Trap, tmp_path: Path) -> None:
    trap.repository.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    linked = GitRepository.__new__(GitRepository)
    linked.path = tmp_path / "linked"
    commit = linked.commit({"app.py": "linked\n"})
    linked.write("new", "")

    assert commits.resolve(tmp_path / "linked", "HEAD") == commit
    assert commits.resolve(tmp_path / "linked", "main") == trap.commit
    assert commits.uncommitted(tmp_path / "linked") == ["?? new"]
    assert commits.pack(tmp_path / "linked", commit, [])


def test_a_submodule_can_be_deployed_from_its_directory(trap: Trap, tmp_path: Path) -> None:
    inner = GitRepository(tmp_path / "inner")
    commit = inner.commit({"a": "1"})
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    trap.repository.git(*add, str(inner.path), "sub")

    assert commits.resolve(trap.top / "sub", "HEAD") == commit
    assert commits.uncommitted(trap.top / "sub") == []
    assert git_directory(trap.top / "sub") == trap.top / ".git" / "modules" / "sub"


def test_a_repository_with_longer_ids(tmp_path: Path) -> None:
    top = tmp_path / "sha256"
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", top], check=True)
    repository = GitRepository.__new__(GitRepository)
    repository.path = top
    commit = repository.commit({"a": "1"})

    assert len(commit) == 64
    assert commits.resolve(top, "HEAD") == commit
    assert commits.pack(top, commit, [])


def test_git_of_another_owner_is_read_all_the_same(trap: Trap) -> None:
    """Whose it is decides what git believes of its configuration, and here it believes none."""
    subprocess.run(["chown", "-R", "1234", trap.top], check=False)

    assert commits.resolve(trap.top, "HEAD") == trap.commit


def test_nothing_of_a_view_stays(trap: Trap) -> None:
    with viewed(trap.top) as view:
        shown = Path(view.git("rev-parse", "--absolute-git-dir").stdout.decode().strip())
        assert shown.is_dir()
    assert not shown.exists()
    assert commits.resolve(trap.top, "HEAD") == trap.commit


def test_what_git_cannot_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    for text in ("gitdir: /nowhere\n", "nonsense", "\0"):
        (tmp_path / "odd" / ".git").write_text(text)
        with pytest.raises(UsageError, match="is not a git repository"):
            commits.resolve(tmp_path / "odd", "HEAD")
