"""Commits of a repository on the operator's machine: which one, what is left out, and its pack."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from .agent.text import lines
from .errors import FlaskwrightError, UsageError

# Set by git for its own hooks, where a deploy may well be started: they would point elsewhere.
_INHERITED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
MOST = 100  # commits that a host may say it has


def resolve(local: Path, ref: str) -> str:
    """Return the full id of the commit that `ref` names in the repository at `local`."""
    _must_be_top(local)
    if ref and not ref.startswith("-"):
        found = _git(local, "rev-parse", "--verify", "--quiet", ref + "^{commit}", check=False)
        if found.returncode == 0:
            return found.stdout.decode().strip()
    raise _no_such_ref(local, ref)


def uncommitted(local: Path, directory: str = "") -> list[str]:
    """Return the changes below `directory` that no commit has, as `git status --short` says them.

    Files that git ignores are not counted.
    """
    status = ("status", "--short", "--untracked-files=normal", "--", directory or ".")
    return lines(_git(local, "--no-optional-locks", *status).stdout)


def pack(local: Path, commit: str, have: Iterable[str]) -> bytes:
    """Return a git pack of `commit` and its files, less the objects of the commits in `have`.

    Its history is left out, so a shallow clone can give it too. Commits that are not here are
    passed over: they only make the pack larger. So is, in `have`, what is no full id: it is said
    by the host, and git would take words such as --all. Raises FlaskwrightError.
    """
    if not is_id(commit):
        raise FlaskwrightError(f"{commit[:40]!a} is no full id of a commit")
    wanted = _objects(local, [commit])
    ids = [other for other in islice(have, MOST) if is_id(other)]
    known = _objects(local, [other for other in ids if _is_here(local, other)])
    objects = "\n".join(sorted(wanted - known)) + "\n"
    return _git(local, "pack-objects", "--stdout", "-q", given=objects.encode()).stdout


def is_id(name: object) -> bool:
    """Tell whether it is the full id of an object, and nothing else that git could take."""
    return isinstance(name, str) and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", name) is not None


def _objects(local: Path, commits: list[str]) -> set[str]:
    """Return the commits, their trees and files."""
    if not commits:
        return set()
    listed = _git(local, "rev-list", "--objects", "--no-walk", *commits).stdout
    return {line.split(b" ", 1)[0].decode() for line in listed.split(b"\n") if line}


def _is_here(local: Path, commit: str) -> bool:
    return _git(local, "cat-file", "-e", commit + "^{commit}", check=False).returncode == 0


def _must_be_top(local: Path) -> None:
    """Refuse a directory inside a repository: `directory` is counted from the repository's top."""
    found = _git(local, "rev-parse", "--show-prefix", check=False)
    inside = found.stdout.decode().strip().rstrip("/")
    if found.returncode:
        raise UsageError(
            f"{local} is not a git repository",
            why=_last_line(found.stderr),
            next="git init there and commit, or give the repository's URL as `repo`",
        )
    if inside:
        raise UsageError(
            f"{local} is not the top of its repository",
            next=f'name the top as `repo`, and write `directory = "{inside}"`',
        )


def _no_such_ref(local: Path, ref: str) -> UsageError:
    listing = _git(local, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags")
    names = listing.stdout.decode().split()
    if not names:
        return UsageError(f"{local} has no commit yet", next="commit, then deploy again")
    close = difflib.get_close_matches(ref, names) or names[:5]
    return UsageError(f"{local} has no commit {ref!r}", next="there are: " + ", ".join(close))


def _git(
    local: Path, *arguments: str, given: bytes = b"", check: bool = True
) -> subprocess.CompletedProcess[bytes]:
    argv = ["git", "-C", str(local), *arguments]
    env = {name: value for name, value in os.environ.items() if name not in _INHERITED}
    try:
        done = subprocess.run(argv, input=given, capture_output=True, check=False, env=env)
    except FileNotFoundError:
        raise FlaskwrightError("git is not installed here", next="apt install git") from None
    if check and done.returncode:
        raise FlaskwrightError(f"git {arguments[0]} failed in {local}", why=_last_line(done.stderr))
    return done


def _last_line(stderr: bytes) -> str:
    return (lines(stderr.strip()) or [""])[-1]
