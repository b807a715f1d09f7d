"""Whether a repository that should be on this machine is there."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError


def must_be_at(local: Path, file: str, app: str) -> None:
    """Raise UsageError when an app's repository is not at `local`, as `file` says."""
    if git_directory(local):
        return
    where = f"{file}: apps.{app}.repo"
    if not local.is_dir():
        raise UsageError(f"{where}: there is no directory {local}")
    top = next(filter(git_directory, local.parents), None)
    raise UsageError(
        f"{where}: {local} is not a git repository",
        why=f"It is inside of one, {top}." if top else "",
        next=f'name the repository, and directory = "{local.relative_to(top)}"'
        if top
        else f"git init {local}, and commit the app",
    )


def git_directory(path: Path) -> Path | None:
    """Return where git keeps the repository that has its top at `path`, or is bare there.

    The `.git` of a linked work tree or of a submodule is a file that says where. None: no
    repository.
    """
    inside = path / ".git"
    try:
        if inside.is_file():
            word, _, named = inside.read_text().strip().partition(": ")
            inside = path / named if word == "gitdir" and named else inside
    except (OSError, ValueError):
        return None
    if inside.is_dir():
        return inside.resolve()
    return path.resolve() if _is_bare(path) else None


def _is_bare(path: Path) -> bool:
    return (path / "HEAD").is_file() and (path / "objects").is_dir()
