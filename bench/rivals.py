"""The other tools, doing what `./fab deploy` does: peers/deploy.py and peers/playbook.yml."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bench.place import APP, DOMAIN, HEALTH, NEAR, Place
from bench.product import Product
from bench.programs import BenchError, Done, run

HERE = Path(__file__).parent
PEERS = HERE / "peers"
PROGRAMS = HERE / ".venv" / "bin"
ORIGIN = f"/srv/git/{APP}.git"


class Rivals:
    """pyinfra and Ansible, on a host that has been deployed to."""

    def __init__(self, place: Place, product: Product) -> None:
        self._place = place
        self._product = product
        self._variables = place.directory / "variables.json"

    def prepare(self, release: str) -> None:
        """Give them the same files, names and requirements, and a repository on the host."""
        files = self._place.directory / "files"
        write_files(self._product, files)
        given = {
            "app": APP,
            "domain": DOMAIN,
            "health": HEALTH,
            "files": str(files),
            "origin": ORIGIN,
            "release": release,
            "requirements": requirements(self._place),
        }
        self._variables.write_text(json.dumps(given, indent=1))
        self._send_repository()

    def pyinfra(self, name: str) -> Done:
        """Run deploy.py."""
        data = {
            "variables": self._variables,
            "ssh_hostname": name,
            "ssh_config_file": self._place.ssh_config,
            "ssh_known_hosts_file": self._place.known_hosts,
            "ssh_strict_host_key_checking": "yes",
        }
        options = [word for key, value in data.items() for word in ("--data", f"{key}={value}")]
        return run([PROGRAMS / "pyinfra", "-y", "--json", *options, name, PEERS / "deploy.py"])

    def ansible(self, name: str) -> Done:
        """Run playbook.yml."""
        return run(
            [PROGRAMS / "ansible-playbook", "-i", f"{name},", "-e", f"@{self._variables}",
             PEERS / "playbook.yml"],
            env={
                "PATH": f"{PROGRAMS}:/usr/bin:/bin",
                "ANSIBLE_CONFIG": str(PEERS / "ansible.cfg"),
                "ANSIBLE_HOME": str(self._place.directory / "ansible"),
                "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._place.directory / "cp"),
                "ANSIBLE_SSH_COMMON_ARGS": f"-F {self._place.ssh_config}",
                "NO_COLOR": "1",
            },
        )

    def pyinfra_unchanged(self, name: str) -> float:
        """Seconds of a run that had nothing to change."""
        return 0.0

    def ansible_unchanged(self, name: str) -> float:
        """Seconds of a run that had nothing to change; BenchError for any other."""
        done = self.ansible(name)
        if not re.search(r"ok=\d+ +changed=0 +unreachable=0 +failed=0", done.out):
            raise BenchError(f"Ansible found something to do:\n{done.out[-1500:]}")
        return done.seconds

    def leave(self) -> None:
        """End the connections that Ansible keeps open."""

    def _send_repository(self) -> None:
        """Put a bare repository on the host, for their checkouts."""
        bundle = self._place.directory / "app.bundle"
        run(["git", "-C", self._place.repository, "bundle", "create", "--quiet", bundle, "main"])
        command = (
            f"cat >app.bundle && sudo rm -rf {ORIGIN} &&"
            f" sudo git clone --quiet --bare app.bundle {ORIGIN}"
        )
        run(self._place.ssh(NEAR, command), given=bundle.read_bytes())
