"""Whether git would carry a file of secrets on to whoever gets the repository."""

from __future__ import annotations

import shlex
from functools import cache
from pathlib import Path

from .. import git_program
from ..config.code import git_directory
from ..errors import FlaskwrightError, UsageError


@cache
def must_not_be_in_git(path: Path) -> None:
    """Return for a file that no commit has and none will; raises UsageError, with the cure."""
    real = path.resolve()
    top = next((each for each in real.parents if git_directory(each)), None)
    if top is None:
        return
    name = str(real.relative_to(top))
    if _says_yes(top, "ls-files", "--error-unmatch", "--", name):
        raise UsageError(
            f"{path} is not used: it is in the git repository {top}",
            why="Whoever gets the repository gets these secrets, and its history keeps them.",
            next=f"git -C {shlex.quote(str(top))} rm --cached {shlex.quote(name)}; then "
            f"{_ignored(top, name)}, commit, and change what was in it",
        )
    if not _says_yes(top, "check-ignore", "--quiet", "--", name):
        raise UsageError(
            f"{path} is not used: the next `git add` would take it",
            why=f"It is in the git repository {top}, and not among what that ignores.",
            next=_ignored(top, name),
        )


def _ignored(top: Path, name: str) -> str:
    return f"echo {shlex.quote(f'/{name}')} >> {shlex.quote(str(top / '.gitignore'))}"


def _says_yes(top: Path, *words: str) -> bool:
    """Ask git; where it is not there, or will not answer, it carries nothing on either."""
    try:
        return git_program.run(top, words, own=True).returncode == 0
    except FlaskwrightError:
        return words[0] == "check-ignore"
