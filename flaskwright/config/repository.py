"""Whether a repository that should be on this machine is there."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError


def must_be_at(local: Path, file: str, app: str) -> None:
    """Raise UsageError when an app's repository is not at `local`, as `file` says."""
    if _is_repository(local):
        return
    where = f"{file}: apps.{app}.repo"
    if not local.is_dir():
        raise UsageError(f"{where}: there is no directory {local}")
    top = next(filter(_is_repository, local.parents), None)
    raise UsageError(
        f"{where}: {local} is not a git repository",
        why=f"It is inside of one, {top}." if top else "",
        next=f'name the repository, and directory = "{local.relative_to(top)}"'
        if top
        else f"git init {local}, and commit the app",
    )


def _is_repository(path: Path) -> bool:
    bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
    return bare or (path / ".git").exists()
