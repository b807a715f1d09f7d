"""Git repositories for tests, made of dictionaries."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

AUTHOR = ("-c", "user.name=Test", "-c", "user.email=test@example.org")


class GitRepository:
    """A repository with a work tree at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        argv = ["git", *AUTHOR, "-C", str(self.path), *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, str | bytes | None], message: str = "work") -> str:
        """Write files (None removes one, a leading `-> ` makes a link), commit, give the id."""
        for name, content in files.items():
            self.write(name, content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def write(self, name: str, content: str | bytes | None) -> None:
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink() or place.exists():
            place.unlink()
        if isinstance(content, bytes):
            place.write_bytes(content)
        elif content is not None and content.startswith("-> "):
            os.symlink(content[3:], place)
        elif content is not None:
            place.write_text(content)
