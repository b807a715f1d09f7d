"""An app that keeps its rows in MySQL, on a host of the Ubuntu guide: the notebook."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sandbox

from .conftest import Live
from .project import ROOT, Project, table
from .trouble import told, wait_until

DOMAIN = "notebook.test"
APP = {"repo": "app", "health": "/health", "migrate": "python migrate.py"}
HOST = {
    "guide": "ubuntu",
    "app": "notebook",
    "keyring": {"file": "keys.json"},
}
LEFT = """
        rows.execute("CREATE TABLE half (i INT)")
        rows.execute("ALTER TABLE note ADD COLUMN {} TEXT")
"""
BROKEN = "    raise SystemExit('broken after half of it')\n"
WAITS = """
    import time
    until, found = time.monotonic() + 30, 0
    while not found and time.monotonic() < until:
        time.sleep(0.1)
        with cursor() as rows:
            found = rows.execute("SELECT 1 FROM note WHERE line = 'meanwhile'")
"""


class Notebook(Live):
    """The host with the notebook, over HTTPS where it is not `plain`."""

    plain = False
    domain = DOMAIN

    def declare(self, **mysql: Any) -> None:
        """Write hosts.toml."""
        name, suite = self.project.name, self.project.suite
        keys = {
            **HOST,
            "domain": self.domain,
            "sandbox": {"suite": suite},
            "tls": {"off": self.plain},
            "mysql": mysql,
        }
        self.project.write(table("apps.notebook", APP) + table(f"hosts.{name}", keys))

    def password(self) -> str:
        """What was made for the app's user."""
        kept = json.loads((self.project.directory / "keys.json").read_text())
        return str(kept["MYSQL_AUTH"]["password"])

    def ask(self, path: str = "/", line: str = "", options: Sequence[str] = ()) -> str:
        """Visit the site with curl, its name leading to the host; with a line, add it."""
        scheme, port = ("http", 80) if self.plain else ("https", 443)
        at = ["--resolve", f"{self.domain}:{port}:{self.address}"]
        at += [] if self.plain else ["--cacert", str(sandbox.acme().roots)]
        form = ("--data-urlencode", f"line={line}") if line else ()
        url = f"{scheme}://{self.domain}{path}"
        argv = ["curl", "-sS", "--fail", "--noproxy", "*", *at, *form, *options, url]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def lines(self) -> list[str]:
        """The lines that the notebook has, the newest first."""
        return re.findall(r"<li>(.*?)</li>", self.ask())

    def sql(self, statement: str) -> str:
        """Run a statement as root."""
        return self.shell(f'sudo mariadb -N -e "{statement}"')

    def migration(self, *parts: str) -> None:
        """Have another program for the schema."""
        text = (ROOT / "examples/notebook/migrate.py").read_text()
        self.project.add("migrate.py", "".join([text, *parts]))

    def backups(self) -> list[dict[str, Any]]:
        """What backups.list tells."""
        said = self.project.on_host("backups.list", "--json")
        (outcome,) = said.told(self.project.name)["outcomes"]
        rows: list[dict[str, Any]] = outcome["answer"]["backups"]
        return rows


class OnTheSide(Notebook):
    """The notebook on a host that another app has, too; its name has no certificate."""

    plain = True
    domain = f"aside.{DOMAIN}"  # hosts of one lab share no name


class Sample(Project):
    """A project whose app is the notebook."""

    def __init__(self, directory: Path, name: str, suite: str = "bookworm") -> None:
        super().__init__(directory, name, suite)
        shutil.rmtree(self.app)
        source = ROOT / "examples" / "notebook"
        shutil.copytree(source, self.app, ignore=shutil.ignore_patterns("__pycache__"))
        self.git("init", "--quiet", "--initial-branch=main")
        self.first = self.commit("first")


def takes_another_password_and_way(notebook: Notebook) -> None:
    """Change password and way to the server below visitors; a second run changes nothing."""
    notebook.declare(host="127.0.0.1")
    told(notebook.project.on_host("deploy"), 64, "but the keyring's MYSQL_AUTH host is localhost")
    keys, before = notebook.project.directory / "keys.json", notebook.password()
    text = keys.read_text().replace('"localhost"', '"127.0.0.1"')
    keys.write_text(text.replace(before, before[::-1]))
    with ThreadPoolExecutor() as threads:
        deploying = threads.submit(notebook.deploy)
        visits = [notebook.ask("/health") for _ in iter(deploying.done, True)]
        deploying.result()
    assert {json.loads(visit)["lines"] for visit in visits} == {3}
    assert json.loads(notebook.ask("/health")) == {"lines": 3, "over": "socket 127.0.0.1:3306"}
    held = "SELECT json_length(priv, '\\$.auth_or') FROM mysql.global_priv WHERE user = 'notebook'"
    assert notebook.sql(held).split() == ["1", "1"]
    assert "nothing to do" in notebook.deploy().err


def loses_no_row(notebook: Notebook) -> None:
    """Break off a migration beside visitors; the backup takes it back."""
    before = notebook.lines()
    notebook.migration(LEFT.format("who"), WAITS, BROKEN)
    with ThreadPoolExecutor() as threads:
        deploying = threads.submit(notebook.project.on_host, "deploy")
        wait_until(notebook, "sudo mariadb -N -e 'SHOW TABLES IN notebook' | grep -c half", "1")
        notebook.ask(line="meanwhile")
        said = deploying.result()
    told(said, 3, "is not restored by itself", "(table half: new; table note: another form)")
    assert notebook.lines() == ["meanwhile", *before]
    backup = notebook.backups()[0]["backup"]
    assert f"backups.restore --id {backup}" in said.err
    assert notebook.project.on_host("backups.restore", "--id", backup).code == 0
    assert notebook.lines() == before
    kept = notebook.backups()[0]["backup"]
    assert notebook.project.on_host("backups.restore", "--id", kept).code == 0
    assert notebook.lines() == ["meanwhile", *before]
    assert notebook.project.on_host("backups.restore", "--id", backup).code == 0
