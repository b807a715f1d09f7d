"""`./fab` as a person types it, in a directory of theirs."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hosts import forks

ROOT = Path(__file__).parent.parent
HOSTS = """
[groups]
home = ["pi", "web"]

[apps.blog]
repo = "https://git.example.org/blog.git"

[hosts.pi]
guide = "raspberry-pi"
address = "pi.invalid"
app = "blog"

[hosts.web]
guide = "ubuntu"
address = "web.invalid"
app = "blog"
"""


@dataclass(frozen=True)
class Said:
    """What `./fab` has said; bytes, since some of it is none of our text."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON document that standard output is."""
        found: dict[str, Any] = json.loads(self.raw)
        return found


class Typed:
    """A directory with a hosts.toml, in which `./fab` is typed by its path."""

    def __init__(self, directory: Path, hosts: str | None = HOSTS) -> None:
        self.directory = directory
        self.fab = str(ROOT / "fab")
        if hosts is not None:
            (directory / "hosts.toml").write_text(hosts)

    def __call__(
        self, *words: str, cwd: Path | None = None, given: bytes = b"", **environment: str
    ) -> Said:
        """Run it with words; environment: more variables, empty for none of that name."""
        done = subprocess.run(
            [self.fab, *words],
            cwd=cwd or self.directory,
            env={**self._environment(), **environment},
            input=given,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr.decode())

    def forked(self, *words: str) -> Said:
        """Run what it becomes in the end, without its start: for the many that ask for words."""
        env = {**self._environment(), "FLASKWRIGHT_FAB": self.fab}
        code, out, err = forks.run([*words], self.directory, env, None, 60)
        return Said(code, out.encode(), err)

    @staticmethod
    def _environment() -> dict[str, str]:
        return {name: text for name, text in os.environ.items() if name != "FLASKWRIGHT_HOSTS"}
