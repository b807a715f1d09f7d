"""A host's tree for one app in a temporary directory, and the fields of a plan for it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from flaskwright import commits
from flaskwright.agent.releases import Releases
from flaskwright.agent.run import Run

from ..git_repository import GitRepository
from .support import ME, MINE, Operator, fields, result

CONFIGURATION = "etc/gunicorn.conf.py"


class AppHost:
    """`root` is what /srv/blog is on a host; `source` is the operator's repository."""

    def __init__(self, directory: Path, operator: Operator) -> None:
        self.operator = operator
        self.root = directory / "srv" / "blog"
        self.state = directory / "state"
        self.source = GitRepository(directory / "source")
        for path in (self.state, *(self.root / name for name in ("venvs", "releases", "shared"))):
            path.mkdir(parents=True)

    def run(self, mode: str = "apply") -> Run:
        run = Run(self.operator.wire, mode, str(self.state), "me@here")
        run.detached = True
        return run

    def has(self, live: str, *others: str) -> None:
        """Make releases of no commit; the first one is live."""
        for release in (live, *others):
            place = self.root / "releases" / release
            place.mkdir()
            (place / "manifest.json").write_text('{"commit": ""}')
        Releases(str(self.root)).switch(live)

    def repository(self, commit: str | None = None, url: str | None = None, ref: str = "") -> Any:
        path = str(self.root / "repo.git")
        return fields("repository", path=path, url=url, ref=ref, commit=commit)

    def send(self, run: Run, commit: str) -> dict[str, Any]:
        """Have a commit of the source in the repository, as the operator's side does it."""

        def answer() -> None:
            have = [one for one in self._kept() if one != commit]
            self.operator.say(commits.pack(self.source.path, commit, have))

        thread = threading.Thread(target=answer)
        thread.start()
        done = result(run, self.repository(commit))
        thread.join()
        return done

    def environment(self, kind: str, **more: Any) -> dict[str, Any]:
        given = {"python": "python3", "directory": "", "requirements": None, **more}
        return fields(kind, app_root=str(self.root), **given)

    def release(self, **more: Any) -> dict[str, Any]:
        given = {
            "app": ME,
            "wsgi": "app:app",
            "directory": "",
            "shared": [],
            "files": {CONFIGURATION: self.file("wsgi_app = 'app:app'\n")},
            **more,
        }
        return fields("release", app_root=str(self.root), **given)

    def file(self, content: str, mode: int = 0o640) -> dict[str, Any]:
        return {"content": content, "mode": mode, "group": MINE}

    def releases(self) -> list[str]:
        return sorted(path.name for path in (self.root / "releases").iterdir())

    def _kept(self) -> list[str]:
        kept = self.root / "repo.git" / "refs" / "flaskwright"
        return [path.name for path in kept.iterdir()] if kept.is_dir() else []
