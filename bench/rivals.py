"""The other tools, doing what `./fab deploy` does: peers/deploy.py and peers/playbook.yml."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bench.place import APP, HEALTH, NAME, NEAR, Place
from bench.product import Product
from bench.programs import BenchError, Done, run

HERE = Path(__file__).parent
PEERS = HERE / "peers"
PROGRAMS = HERE / ".venv" / "bin"
ORIGIN = f"/srv/git/{APP}.git"
UNCHANGED = re.compile(r"ok=[1-9]\d* +changed=0 +unreachable=0 +failed=0")


class Rivals:
    """pyinfra and Ansible, on a host that Flaskwright has deployed `release` to."""

    def __init__(self, place: Place, product: Product, release: str) -> None:
        self._place = place
        self._variables = place.directory / "variables.json"
        files = place.directory / "files"
        product.write_files(files)
        given = {
            "app": APP,
            "site": NAME,
            "health": HEALTH,
            "files": str(files),
            "origin": ORIGIN,
            "release": release,
            "requirements": self._installed(),
        }
        self._variables.write_text(json.dumps(given, indent=1))
        self._send_repository()

    def converge(self) -> None:
        """Let each make what it alone needs: its checkout, and what its modules stand on."""
        self._pyinfra(NEAR)
        self._ansible(NEAR)

    def pyinfra(self, link: str) -> float:
        """Seconds of pyinfra with nothing to change; BenchError when it changed something."""
        done = self._pyinfra(link)
        totals = json.loads(done.out)["results"]["totals"]
        if totals["success"] or totals["error"] or not totals["no_change"]:
            raise BenchError(f"pyinfra found something to do: {totals}")
        return done.seconds

    def ansible(self, link: str) -> float:
        """Seconds of Ansible with nothing to change; BenchError when it changed something."""
        done = self._ansible(link)
        if not UNCHANGED.search(done.out):
            raise BenchError(f"Ansible found something to do:\n{done.out[-2000:]}")
        return done.seconds

    def leave(self) -> None:
        """End the connections that Ansible keeps open."""
        for control in self._place.directory.glob("*.cp/*"):
            run("ssh", "-F", "none", "-o", f"ControlPath={control}", "-O", "exit", "host")

    def _pyinfra(self, link: str) -> Done:
        data = {
            "variables": self._variables,
            "ssh_hostname": NAME,
            "ssh_config_file": self._place.ssh_config(link),
            "ssh_known_hosts_file": self._place.known_hosts,
            "ssh_strict_host_key_checking": "yes",
        }
        options = [word for key, value in data.items() for word in ("--data", f"{key}={value}")]
        return run(PROGRAMS / "pyinfra", "-y", "--json", *options, NAME, PEERS / "deploy.py")

    def _ansible(self, link: str) -> Done:
        return run(
            PROGRAMS / "ansible-playbook",
            *("-i", f"{NAME},", "-e", f"@{self._variables}"),
            PEERS / "playbook.yml",
            env={
                "ANSIBLE_CONFIG": str(PEERS / "ansible.cfg"),
                "ANSIBLE_HOME": str(self._place.directory / "ansible"),
                "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._place.directory / f"{link}.cp"),
                "ANSIBLE_SSH_COMMON_ARGS": f"-F {self._place.ssh_config(link)}",
            },
        )

    def _installed(self) -> list[str]:
        """What is in the app's environment, as pinned requirements."""
        freeze = f"/srv/{APP}/current/.venv/bin/python -m pip freeze"
        return run(*self._place.ssh(NEAR, freeze)).out.split()

    def _send_repository(self) -> None:
        """Put a bare repository on the host, for their checkouts."""
        clone = f"sudo git clone --quiet --bare app.bundle {ORIGIN}"
        bundle = self._place.bundle().read_bytes()
        run(*self._place.ssh(NEAR, f"cat >app.bundle && {clone}"), given=bundle)


def versions() -> dict[str, str]:
    """The versions that are installed, by name."""
    listed = run(PROGRAMS / "python", "-m", "pip", "list", "--format=json").out
    return {each["name"]: each["version"] for each in json.loads(listed)}
