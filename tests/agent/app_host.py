"""A host's tree for one app in a temporary directory, and the fields of a plan for it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.app.releases import Releases
from flaskwright.agent.common.place import Place
from flaskwright.agent.engine import command
from flaskwright.agent.engine.run import Run
from flaskwright.agent.transaction.pending import Pending
from flaskwright.agent.venvs.notes import VenvMarks
from flaskwright.workstation import commits

from ..git_repository import GitRepository
from .support import ME, MINE, SITE, Operator, fields, result
from .systemd import Systemd

CONFIGURATION = "etc/gunicorn.conf.py"


class AppHost:
    """`root` is what /srv/blog is on a host; `source` is the operator's repository."""

    def __init__(self, directory: Path, operator: Operator) -> None:
        self.operator = operator
        self.site = SITE
        self.root = directory / "srv" / "blog"
        self.state = directory / "state"
        cache = str(directory / "cache")
        self.place = Place(ME, str(self.root), str(self.state), cache)
        self.source = GitRepository(directory / "source")
        for path in (self.state, *(self.root / name for name in ("venvs", "releases", "shared"))):
            path.mkdir(parents=True)

    def builds(self, patcher: pytest.MonkeyPatch) -> Systemd:
        """Have what is built and what the app runs started by a systemd of a few lines."""
        systemd = Systemd(self.state.parent / "systemd", self.state, self.root)
        patcher.setattr(command, "PATH", systemd.path)
        return systemd

    def has_venv(self, venv: str, **known: Any) -> Path:
        """Have an environment that is complete; `known` is what is noted of it."""
        place = self.root / "venvs" / venv
        place.mkdir(exist_ok=True)
        marks = VenvMarks(self.place)
        marks.note(venv, **{"python": "python3", "version": "Python 3", "packages": {}, **known})
        return place

    def has_unit(self, release: str, *settings: str) -> None:
        """Give a release the unit of its slots."""
        unit = self.root / "releases" / release / f"etc/systemd/system/{ME}@.service"
        unit.parent.mkdir(parents=True, exist_ok=True)
        unit.write_text("\n".join(["[Unit]", "", "[Service]", "Type=notify", *settings, ""]))

    def run(self, mode: str = "apply") -> Run:
        run = Run(self.operator.wire, mode, self.place, "me@here")
        run.detached, run.site = True, self.site
        run.transaction, run.remember = "1", Pending(self.place).note
        return run

    def has(self, live: str, *others: str) -> None:
        """Make releases of no commit; the first one is live."""
        for release in (live, *others):
            place = self.root / "releases" / release
            place.mkdir()
            (place / "manifest.json").write_text('{"commit": ""}')
            self.has_unit(release)
        Releases(self.place).switch(live)

    def repository(self, commit: str | None = None, url: str | None = None, ref: str = "") -> Any:
        return fields("repository", url=url, ref=ref, commit=commit)

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
        given = {"builder": ME, "python": "python3", "directory": "", "requirements": None, **more}
        return fields(kind, **given)

    def release(self, **more: Any) -> dict[str, Any]:
        given = {
            "builder": ME,
            "wsgi": "app:app",
            "directory": "",
            "static": [],
            "shared": [],
            "workers": [None, None, None],
            "files": {CONFIGURATION: self.file("wsgi_app = 'app:app'\n")},
            **more,
        }
        return fields("release", **given)

    def file(self, content: str, mode: int = 0o640) -> dict[str, Any]:
        return {"content": content, "mode": mode, "group": MINE}

    def releases(self) -> list[str]:
        return sorted(path.name for path in (self.root / "releases").iterdir())

    def _kept(self) -> list[str]:
        kept = self.root / "repo.git" / "refs" / "flaskwright"
        return [path.name for path in kept.iterdir()] if kept.is_dir() else []
