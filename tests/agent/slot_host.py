"""A host with releases, slots and a socket: directories, a systemd of a few lines, a web server."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flaskwright.agent.app.history import SERVING, Verdicts
from flaskwright.agent.app.releases import Releases
from flaskwright.agent.common import place
from flaskwright.agent.engine import cgroups, command
from flaskwright.agent.system import agent_tree, disk, paths
from flaskwright.agent.transaction import canary, cutover
from flaskwright.agent.transaction.pending import Pending
from flaskwright.agent.web import http
from flaskwright.agent.web.nginx import candidate
from flaskwright.agent.web.nginx import server as nginx

from .app_host import AppHost
from .stage import modules
from .support import SITE as AT
from .support import Operator, fields
from .systemd import Systemd
from .web_server import Server

OLD, NEW = "20261120-100000-aaaaaaa", "20261120-110000-bbbbbbb"
SITE = AT.host
ONE, TWO, THREE = (f"blog@{number}.service" for number in (1, 2, 3))
CANARY = "flaskwright.canary.blog"


class SlotHost(AppHost):
    """`slash_run` is what /run is on a host; releases OLD and NEW are there, nothing serves."""

    def __init__(self, directory: Path, operator: Operator) -> None:
        super().__init__(directory, operator)
        self.slash_run = Path(tempfile.mkdtemp(prefix="run-"))  # a socket's path must be short
        about = ("blog", str(self.root), str(self.state))
        self.place = place.Place(*about, run=str(self.slash_run))
        self.runtime = self.slash_run / "systemd" / "system"
        self.runtime.mkdir(parents=True)  # where systemd runs it is there (sd_booted(3))
        self.etc_nginx = directory / "nginx"
        self.systemd = Systemd(directory / "systemd", self.slash_run, self.root)
        self.releases = Releases(self.place)
        self.verdicts = Verdicts(self.place)
        self.pending = Pending(self.place)
        self.answers = {name: {SITE: (200, {})} for name in ("blog", CANARY)}
        self._servers = [
            Server(str(self.slash_run / f"{name}.sock"), said)
            for name, said in self.answers.items()
        ]
        for release in (OLD, NEW):
            self.make(release)

    def patch(self, patcher: pytest.MonkeyPatch) -> None:
        """Have the agent's parts find all that here instead of below /run and /etc."""
        opened, found, asked = paths.parent, disk.glob.glob, http.ask
        there = self._relocated
        patcher.setattr(disk, "parent", lambda path: opened(there(path)))
        globs = SimpleNamespace(glob=lambda path: found(there(path)))
        patcher.setattr(canary, "ask", lambda path, *more, **how: asked(there(path), *more, **how))
        for module in (cutover, disk):
            patcher.setattr(module, "glob", globs)
        patcher.setattr(place, "RUN", str(self.slash_run))
        members = cgroups._members
        patcher.setattr(cgroups, "MOUNT", str(self.systemd.groups))
        patcher.setattr(cgroups, "_members", lambda group: set(filter(_lives, members(group))))
        patcher.setattr(nginx, "PID", str(self.slash_run / "nginx.pid"))
        patcher.setattr(candidate, "HOME", str(self.etc_nginx))
        patcher.setattr(command, "PATH", self.systemd.path)

    def laid(self, patcher: pytest.MonkeyPatch) -> None:
        """Have the agent that is put on the disk find all that here."""
        sources = self.relocated(modules())
        found = {path: text.encode() for path, text in sources.items()}
        patcher.setattr(agent_tree, "_sources", lambda: found)

    def relocated(self, sources: dict[str, str]) -> dict[str, str]:
        """The agent's sources, for a process of its own that finds all that here."""
        there = {
            'RUN = "/run"': f'RUN = "{self.slash_run}"',
            '"/run/': f'"{self.slash_run}/',
            '"/etc/nginx"': f'"{self.etc_nginx}"',
            '"/sys/fs/cgroup"': f'"{self.systemd.groups}"',
            'PATH = "/usr/local/sbin:': f'PATH = "{self.systemd.bin}:',
        }
        for here, instead in there.items():
            sources = {name: text.replace(here, instead) for name, text in sources.items()}
        return sources

    def close(self) -> None:
        self.systemd.stop()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        shutil.rmtree(self.slash_run)

    def make(self, release: str, unit: str = "[Service]\n") -> None:
        """Make a release: a manifest, code, the unit of a slot."""
        place = self.root / "releases" / release
        (place / "code").mkdir(parents=True)
        manifest = {"id": release, "commit": release[-7:], "files": {}}
        (place / "manifest.json").write_text(json.dumps(manifest))
        slot = place / "etc/systemd/system/blog@.service"
        slot.parent.mkdir(parents=True)
        slot.write_text(unit)

    def serve(self, release: str, slot: str = ONE) -> None:
        """Have a release live, as after a deploy."""
        run = self.run()
        self.releases.switch(release)
        run.command(["systemctl", "start", "blog.socket"])
        run.command(["systemctl", "start", slot])
        verdict = {"commit": release[-7:], "verdict": SERVING, "since": "then", "who": "me@here"}
        self.verdicts.add(id=release, **verdict)
        self.forget_calls()

    def forget_calls(self) -> None:
        (self.systemd.directory / "calls").unlink()

    def begin(self, **more: Any) -> None:
        """Have a transaction open."""
        about = {"id": "1", "app": "blog", "app_root": str(self.root), "who": "me@here"}
        locks = [str(self.state / "lock")]
        self.pending.note(**{**about, "locks": locks, "cutover": "auto", "drain": 5, **more})

    def plan(self, *resources: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The plan of a transaction."""
        about = {"id": "20261120-120000-000", "began": time.time(), "who": "me@here"}
        about["app"] = {"name": "blog", "root": str(self.root)}
        given = {"timeout": 1800, "cutover": "auto", "drain": 5}
        lock = {"locks": [str(self.state / "lock")], "purpose": "blog: deploy"}
        about["host_state"] = str(self.state.parent)
        place = {"first": 3, "of": 2 + len(resources), "resources": list(resources)}
        place["site"] = self.site.fields()
        return {**about, **given, **lock, **place, "facts": {}, "states": {}, **more}

    def serving(self, health: str = "/") -> dict[str, Any]:
        return fields("serving", health=health, cutover="auto", drain=5)

    def says(self, status: int, place: str = "blog") -> None:
        """Have the app, or the canary, answer with a status from now on; 0: not at all."""
        self.answers[place][SITE] = (status, {})

    def drops(self, count: int) -> None:
        """Have the app drop the next requests, as old versions of gunicorn do."""
        self._servers[0].drops = count

    def runs(self) -> dict[str, str]:
        """Which slots run, each with its release."""
        states = {slot: self.systemd.state(slot) for slot in (ONE, TWO, THREE)}
        up = [slot for slot, state in states.items() if state == "active"]
        return {slot: self._release_of(slot) for slot in up}

    def _release_of(self, slot: str) -> str:
        return Path(self.systemd.directory_of(slot)).parent.name

    def _relocated(self, path: str) -> str:
        return f"{self.slash_run}{path[4:]}" if path.startswith("/run/") else path


def _lives(pid: int) -> bool:
    """Whether a process has not ended: the kernel takes those that have out of their group."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
