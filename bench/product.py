"""Flaskwright as it is measured: its command, its plan, and the files that the plan has."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import guides  # noqa: F401 - the guides make themselves known
from bench.place import APP, HOST, NEAR, Place
from bench.programs import ROOT, BenchError, Done, run
from flaskwright import inventory
from flaskwright.link.payload import payload_size
from flaskwright.plan import plan
from tasks.daily import deploy

NGINX, OPENSSL = (1, 22), (3, 0)  # the host's
NOTES = f"/var/lib/flaskwright/{APP}/releases.jsonl"


@dataclass(frozen=True)
class RenderedFile:
    """A file of the plan, as any tool would put it on the host."""

    path: str
    content: str
    mode: int
    group: str


class Product:
    """The whole guide, for one place, with its hosts.toml or another."""

    def __init__(self, place: Place, hosts_toml: Path | None = None) -> None:
        self._place = place
        self._hosts_toml = hosts_toml or place.hosts_toml
        self.to_commit: list[float] = []

    def deploy(self, link: str) -> tuple[Done, dict[str, Any]]:
        """Run `./fab -H bench deploy`; gives also what `--json` says of the host."""
        return self._fab(link, "deploy")

    def deploy_unchanged(self, link: str) -> float:
        """Seconds of a deploy; raises BenchError unless every resource was as it should be."""
        done, report = self.deploy(link)
        states = [outcome["state"] for outcome in report["outcomes"]]
        if states != ["ok"] * self.size:
            changed = [o["id"] for o in report["outcomes"] if o["state"] != "ok"]
            raise BenchError(f"fab deploy found something to do: {', '.join(changed)}")
        return done.seconds

    def deploy_commit(self, link: str, commit: str) -> float:
        """Seconds of a deploy; raises BenchError unless a release of the commit was put live.

        `to_commit` gets the seconds until its transaction was closed, by the host's own note of it:
        host and this machine have one clock.
        """
        began = time.time()
        done, report = self.deploy(link)
        noted = run(*self._place.ssh(NEAR, f"sudo stat -c %.9Y {NOTES}")).out
        self.to_commit.append(float(noted) - began)
        states = {
            outcome["id"].partition(":")[0]: outcome["state"] for outcome in report["outcomes"]
        }
        new = report["facts"]["commit"] == commit and states["release"] == "changed"
        if not new or states["serving"] != "changed":
            raise BenchError(f"fab deploy did not put {commit} live: {states}")
        return done.seconds

    def rehearse(self, link: str) -> float:
        """Seconds of a rehearsed renewal; raises BenchError unless it passed."""
        done, report = self._fab(link, "certs.renew", "--dry-run")
        answers = [outcome.get("answer", {}) for outcome in report["outcomes"]]
        if [answer.get("rehearsal") for answer in answers] != ["passed"]:
            raise BenchError(f"certs.renew --dry-run did not rehearse: {answers}")
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
            if each["kind"] in ("file", "hsts"):
                found.append(_rendered(each["path"], each))
            if each["kind"] == "fitted":
                found.append(_rendered(each["path"], {**each, "content": _fitting(each)}))
            if each["kind"] == "release":
                inside = each["files"].items()
                current = f"{self._payload['app']['root']}/current"
                found += [_rendered(f"{current}/{path}", file) for path, file in inside]
        return found

    def write_files(self, directory: Path) -> None:
        """Write the files of the plan below a directory, each at its path."""
        for file in self.files:
            path = directory / file.path.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.content)
            path.chmod(file.mode)

    def _fab(self, link: str, *words: str) -> tuple[Done, dict[str, Any]]:
        hosts = {"FLASKWRIGHT_HOSTS": str(self._hosts_toml)}
        ssh = ("-S", self._place.ssh_config(link))
        done = run(ROOT / "fab", *ssh, "-H", HOST, *words, "--json", env=hosts)
        report: dict[str, Any] = json.loads(done.out)["hosts"][HOST]
        return done, report

    @cached_property
    def _payload(self) -> dict[str, Any]:
        host = inventory.load(self._hosts_toml).select(HOST)[0]
        return plan.make(host, deploy.resources(host)).payload("apply")


def _rendered(path: str, fields: Mapping[str, Any]) -> RenderedFile:
    return RenderedFile(path, fields["content"], fields["mode"], fields["group"])


def _fitting(fields: Mapping[str, Any]) -> str:
    """The content for the newest nginx and OpenSSL that the host's have reached."""
    contents: dict[str, str] = fields["contents"]
    known = {tuple(map(_numbers, key.split())): text for key, text in contents.items()}
    return known[max(key for key in known if key[0] <= NGINX and key[1] <= OPENSSL)]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
