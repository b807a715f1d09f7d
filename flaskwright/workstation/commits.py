"""Commits of a repository on the operator's machine: which one, what is left out, and its pack."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from flaskwright.agent.common.text import lines

from ..errors import FlaskwrightError, UsageError
from ..report import console
from ..resources.git import Repository
from .supply import Need, Question, before_sent, supplies

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ..inventory import App
    from .repository import View

MOST = 100  # commits that a host may say it has


def checkout(app: App) -> Path | None:
    """Return where an app's repository is on this machine; None where the host fetches it.

    Raises UsageError where the hosts.toml that names it is not trusted.
    """
    if app.local and app.file:
        does = f"read the git repository {app.local} and send a commit of it"
        app.file.must_be_trusted(f"apps.{app.name}.repo", does)
    return app.local


def resolve(local: Path, ref: str) -> str:
    """Return the full id of the commit that `ref` names in the repository at `local`."""
    with _viewed(local) as view:
        if ref and not ref.startswith("-"):
            found = view.git("rev-parse", "--verify", "--quiet", ref + "^{commit}", check=False)
            if found.returncode == 0:
                return found.stdout.decode().strip()
        raise _no_such_ref(view, ref)


def uncommitted(local: Path, directory: str = "") -> list[str]:
    """Return the changes below `directory` that no commit has, as `git status --short` says them.

    Files that git ignores are not counted, nor is what is changed inside of a submodule.
    """
    with _viewed(local) as view:
        if view.bare:
            return []
        options = ("--short", "--untracked-files=normal", "--ignore-submodules=dirty")
        status = view.git("status", *options, "--", directory or ".")
    return lines(status.stdout)


@before_sent("commit")
def tell_what_stays_here(need: Need) -> None:
    """Tell of changes in a local repository that no commit has: they are not deployed."""
    app = need.host.app
    local = checkout(app) if app else None
    changes = uncommitted(local, app.directory) if app and local else []
    if changes:
        console.tell(f"{need.host.name}  not committed, so not deployed:")
        for line in changes[:5]:
            console.tell(f"  {line}")


@supplies("commit", rehearsed=False)
def planned_pack(question: Question) -> bytes:
    """Return the pack of the planned commit; raises FlaskwrightError for any other."""
    app, planned, asked = question.need.host.app, question.resource, question.said.get("commit")
    local = checkout(app) if app else None
    if local is None or not isinstance(planned, Repository) or asked != planned.commit:
        raise FlaskwrightError(
            "the host asks for a commit that is not being deployed",
            why="It was not sent: a host gets what is deployed to it, and nothing else.",
        )
    have = question.said.get("have")
    return pack(local, planned.commit or "", have if isinstance(have, list) else ())


def pack(local: Path, commit: str, have: Iterable[str]) -> bytes:
    """Return a git pack of `commit` and its files, less the objects of the commits in `have`.

    Its history is left out, so a shallow clone can give it too. Commits that are not here are
    passed over: they only make the pack larger. So is, in `have`, what is no full id: it is said
    by the host, and git would take words such as --all. Raises FlaskwrightError.
    """
    if not is_id(commit):
        raise FlaskwrightError(f"{commit[:40]!a} is no full id of a commit")
    ids = [other for other in islice(have, MOST) if is_id(other)]
    with _viewed(local) as view:
        wanted = _objects(view, [commit])
        known = _objects(view, [other for other in ids if _is_here(view, other)])
        objects = "\n".join(sorted(wanted - known)) + "\n"
        return view.git("pack-objects", "--stdout", "-q", given=objects.encode()).stdout


def is_id(name: object) -> bool:
    """Tell whether it is the full id of an object, and nothing else that git could take."""
    return isinstance(name, str) and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", name) is not None


def _viewed(local: Path) -> AbstractContextManager[View]:
    from .repository import viewed

    return viewed(local)


def _objects(view: View, commits: list[str]) -> set[str]:
    """Return the commits, their trees and files."""
    if not commits:
        return set()
    listed = view.git("rev-list", "--objects", "--no-walk", *commits, "--").stdout
    return {line.split(b" ", 1)[0].decode() for line in listed.split(b"\n") if line}


def _is_here(view: View, commit: str) -> bool:
    return view.git("cat-file", "-e", commit + "^{commit}", check=False).returncode == 0


def _no_such_ref(view: View, ref: str) -> UsageError:
    listing = view.git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags")
    names = listing.stdout.decode().split()
    if not names:
        return UsageError(f"{view.top} has no commit yet", next="commit, then deploy again")
    close = difflib.get_close_matches(ref, names) or names[:5]
    return UsageError(f"{view.top} has no commit {ref!r}", next="there are: " + ", ".join(close))
