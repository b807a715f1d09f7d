"""Commits of the operator's repository, given to real git."""

import subprocess

import pytest

from flaskwright.errors import FlaskwrightError, UsageError
from flaskwright.workstation import commits
from tests.git_repository import GitRepository


@pytest.fixture
def local(tmp_path):
    return GitRepository(tmp_path / "local")


def unpacked(tmp_path, pack):
    """Put a pack into a bare repository and give the ids of its objects."""
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    subprocess.run(
        ["git", "-C", bare, "index-pack", "--stdin"], input=pack, check=True, capture_output=True
    )
    batch = ["git", "-C", bare, "cat-file", "--batch-check=%(objectname)", "--batch-all-objects"]
    return set(subprocess.run(batch, check=True, capture_output=True, text=True).stdout.split())


@pytest.mark.parametrize("ref", ["HEAD", "main", "v1", "short", "full"])
def test_a_ref_is_resolved_to_its_commit(local, ref):
    commit = local.commit({"app.py": "1"})
    local.git("tag", "-a", "v1", "-m", "one")

    name = {"short": commit[:8], "full": commit}.get(ref, ref)

    assert commits.resolve(local.path, name) == commit


def test_a_ref_that_is_not_there_names_what_comes_close(local):
    local.commit({"app.py": "1"})
    local.git("branch", "feature")

    with pytest.raises(UsageError) as raised:
        commits.resolve(local.path, "featur")

    assert raised.value.what == f"{local.path} has no commit 'featur'"
    assert raised.value.next == "there are: feature"


@pytest.mark.parametrize("ref", ["", "--all", "-h"])
def test_what_is_no_ref_is_never_an_option(local, ref):
    local.commit({"app.py": "1"})

    with pytest.raises(UsageError):
        commits.resolve(local.path, ref)


def test_a_repository_without_a_commit_is_told(local):
    with pytest.raises(UsageError, match="has no commit yet"):
        commits.resolve(local.path, "HEAD")


def test_what_is_no_repository_is_told(tmp_path):
    (tmp_path / "none").mkdir()

    with pytest.raises(UsageError, match="is not a git repository"):
        commits.resolve(tmp_path / "none", "HEAD")


def test_a_directory_within_a_repository_is_refused_with_the_words_to_write(local):
    local.commit({"web/app.py": "1"})

    with pytest.raises(UsageError) as raised:
        commits.resolve(local.path / "web", "HEAD")

    assert 'directory = "web"' in raised.value.next


def test_git_within_a_hook_of_another_repository_means_this_one(local, tmp_path, monkeypatch):
    commit = local.commit({"app.py": "1"})
    other = GitRepository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))

    assert commits.resolve(local.path, "HEAD") == commit


def test_what_is_uncommitted_is_listed_below_the_directory(local):
    local.commit({"web/app.py": "1", "doc": "1", ".gitignore": "*.db"})
    local.write("web/app.py", "2")
    local.write("web/new.py", "2")
    local.write("web/x.db", "2")
    local.write("doc", "2")

    assert commits.uncommitted(local.path, "web") == [" M web/app.py", "?? web/new.py"]
    assert len(commits.uncommitted(local.path)) == 3


def test_a_pack_has_the_commit_and_its_files_but_no_history(local, tmp_path):
    first = local.commit({"a": "1", "b": "1"})
    second = local.commit({"a": "2"})

    objects = unpacked(tmp_path, commits.pack(local.path, second, []))

    expected = {second, local.git("rev-parse", "HEAD^{tree}")}
    expected |= {local.git("rev-parse", f"HEAD:{name}") for name in "ab"}
    assert objects == expected
    assert first not in objects


def test_a_pack_leaves_out_what_the_host_has(local, tmp_path):
    first = local.commit({"a": "1", "b": "1"})
    second = local.commit({"a": "2"})
    unknown = "0123456789" * 4

    objects = unpacked(tmp_path, commits.pack(local.path, second, [first, unknown]))

    assert local.git("rev-parse", "HEAD:b") not in objects
    assert local.git("rev-parse", "HEAD:a") in objects


def test_a_shallow_clone_can_give_a_pack(local, tmp_path):
    local.commit({"a": "1"})
    second = local.commit({"a": "2"})
    clone = ["git", "clone", "--quiet", "--depth=1", f"file://{local.path}", tmp_path / "shallow"]
    subprocess.run(clone, check=True)

    assert second in unpacked(tmp_path, commits.pack(tmp_path / "shallow", second, []))


@pytest.mark.parametrize(
    "asked", ["--all", "--reflog", "HEAD", "refs/stash", "^main", "-h", "", "A" * 40, "a" * 41]
)
def test_what_is_no_full_id_has_no_pack(local, asked):
    local.commit({"a": "1"})
    (local.path / "a").write_text("of another branch")
    local.git("stash")

    with pytest.raises(FlaskwrightError, match="no full id"):
        commits.pack(local.path, asked, [])


@pytest.mark.parametrize("have", ["--all", "--reflog", "HEAD", "main", 7, None, ["x"], "a" * 40])
def test_what_a_host_says_it_has_is_believed_only_as_a_full_id(local, tmp_path, have):
    commit = local.commit({"a": "1"})

    assert commit in unpacked(tmp_path, commits.pack(local.path, commit, [have]))


def test_a_file_whose_name_has_a_line_end_is_packed(local, tmp_path):
    commit = local.commit({"a\rb": "1", "c\nd": "2"})

    assert len(unpacked(tmp_path, commits.pack(local.path, commit, []))) == 4


def test_a_commit_that_is_not_here_has_no_pack(local):
    local.commit({"a": "1"})

    with pytest.raises(FlaskwrightError, match="git rev-list failed"):
        commits.pack(local.path, "0123456789" * 4, [])
