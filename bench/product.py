"""Flaskwright as it is measured: its command, its plan, and the files that the plan has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import guides  # noqa: F401 - the guides make themselves known
from bench.place import HOST, Place
from bench.programs import ROOT, BenchError, Done, run
from flaskwright import inventory, plan
from flaskwright.transport import payload_size
from tasks.daily import deploy


@dataclass(frozen=True)
class RenderedFile:
    """A file of the plan, as any tool would put it on the host."""

    path: str
    content: str
    mode: int
    group: str


class Product:
    """The whole guide, for one place."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def deploy(self, link: str) -> tuple[Done, dict[str, Any]]:
        """Run `./fab -H bench deploy`; gives also what `--json` says of the host."""
        hosts = {"FLASKWRIGHT_HOSTS": str(self._place.hosts_toml)}
        ssh = ("-S", self._place.ssh_config(link))
        done = run(ROOT / "fab", *ssh, "-H", HOST, "deploy", "--json", env=hosts)
        report: dict[str, Any] = json.loads(done.out)["hosts"][HOST]
        return done, report

    def deploy_unchanged(self, link: str) -> float:
        """Seconds of a deploy; raises BenchError unless every resource was as it should be."""
        done, report = self.deploy(link)
        states = [outcome["state"] for outcome in report["outcomes"]]
        if states != ["ok"] * self.size:
            changed = [o["id"] for o in report["outcomes"] if o["state"] != "ok"]
            raise BenchError(f"fab deploy found something to do: {', '.join(changed)}")
        return done.seconds

    @property
    def size(self) -> int:
        """How many resources the plan has."""
        return len(self._payload["resources"])

    @property
    def bytes_sent(self) -> int:
        """How many bytes agent and plan are on the wire."""
        return payload_size(self._payload)

    @property
    def files(self) -> list[RenderedFile]:
        """Every file of the plan, those of the release below `current`."""
        found = []
        for each in self._payload["resources"]:
            if each["kind"] == "file":
                found.append(_rendered(each["path"], each))
            if each["kind"] == "release":
                inside = each["files"].items()
                current = f"{each['app_root']}/current"
                found += [_rendered(f"{current}/{path}", file) for path, file in inside]
        return found

    def write_files(self, directory: Path) -> None:
        """Write the files of the plan below a directory, each at its path."""
        for file in self.files:
            path = directory / file.path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.content)
            path.chmod(file.mode)

    @cached_property
    def _payload(self) -> dict[str, Any]:
        host = inventory.load(self._place.hosts_toml).select(HOST)[0]
        return plan.make(host, deploy.resources(host)).payload("apply")


def _rendered(path: str, fields: dict[str, Any]) -> RenderedFile:
    return RenderedFile(path, fields["content"], fields["mode"], fields["group"])
