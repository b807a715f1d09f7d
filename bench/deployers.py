"""Others that deploy a commit: Capistrano, a plain Fabric script, and the least by hand."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from pathlib import Path

from bench.figures import tell
from bench.place import APP, HEALTH, NAME, NEAR, Place
from bench.programs import ROOT, BenchError, Done, run

HERE = Path(__file__).parent
PEERS = HERE / "peers"
INSTALL = ("apt-get", "install", "-q", "-y", "--no-install-recommends", "capistrano")
USER = "pi"  # who logs in
ASK = "sudo curl -fsS -o /dev/null --unix-socket"


class Deployers:
    """The others on the host, which Flaskwright has deployed to; all fetch from `url`."""

    def __init__(self, place: Place, url: str) -> None:
        self._place = place
        self._url = url
        _need_capistrano()
        script = (PEERS / "on_the_host.sh").read_bytes()
        self._on_host("sudo sh -s", url, USER, APP, given=script)

    def capistrano(self, link: str, commit: str) -> float:
        """Seconds of `cap bench deploy`; raises BenchError when the commit is not there."""
        given = {
            "BENCH_HOST": NAME,
            "BENCH_SSH_CONFIG": str(self._place.ssh_config(link)),
            "BENCH_REPO": self._url,
        }
        done = run("cap", "--rakefile", PEERS / "Capfile", "bench", "deploy", env=given)
        self._must_be(commit, "cat /srv/by-capistrano/current/REVISION", "/run/by-capistrano.sock")
        return done.seconds

    def fabric(self, link: str, commit: str) -> float:
        """Seconds of the Fabric script; raises BenchError when the commit is not there."""
        script = ("--search-root", PEERS, "--collection", "plain_fabric")
        ssh = ("-S", self._place.ssh_config(link), "-H", NAME)
        done = run(ROOT / ".venv/bin/fab", *script, *ssh, "deploy")
        self._must_be(
            commit, "git -C /srv/by-fabric/code rev-parse HEAD", "/run/by-fabric/app.sock"
        )
        return done.seconds

    def by_hand(self) -> dict[str, float]:
        """Seconds on the host itself, by what took them."""
        script = (HERE / "least.py").read_bytes()
        done = self._on_host("sudo python3 -", self._url, APP, HEALTH, given=script)
        parts: dict[str, float] = json.loads(done.out)
        return parts

    def _must_be(self, commit: str, tell_commit: str, socket: str) -> None:
        """Look at the commit that a tool has left, and that its app answers after a moment."""
        ask = f"{ASK} {socket} --retry 20 --retry-delay 1 --retry-all-errors"
        found = self._on_host(f"{tell_commit} && {ask} http://localhost{HEALTH}").out.strip()
        if found != commit:
            raise BenchError(f"the host has {found}, not the commit {commit}")

    def _on_host(self, command: str, *arguments: str, given: bytes = b"") -> Done:
        return run(*self._place.ssh(NEAR, f"{command} {shlex.join(arguments)}"), given=given)


def version() -> str:
    """Capistrano's."""
    return run("cap", "--version").out.split()[2]


def _need_capistrano() -> None:
    if shutil.which("cap"):
        return
    if os.geteuid():
        raise BenchError(f"Capistrano is not installed: sudo {shlex.join(INSTALL)}")
    tell(f"deploy  {shlex.join(INSTALL)}")
    run(*INSTALL, env={"DEBIAN_FRONTEND": "noninteractive"})
