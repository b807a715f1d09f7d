"""Stage one as a host runs it, and the operator's side of it, which gives the agent if asked."""

from __future__ import annotations

import bz2
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from flaskwright import agent
from flaskwright.agent import loader
from flaskwright.link import payload

PLACE = Path(agent.__file__).parent
LOADER = (PLACE / "loader.py").read_text()


def modules() -> dict[str, str]:
    """The agent's sources, by path without .py."""
    found = [path for path in PLACE.rglob("*.py") if path.name != "__init__.py"]
    return {path.relative_to(PLACE).with_suffix("").as_posix(): path.read_text() for path in found}


def digest(sources: dict[str, str]) -> str:
    return loader.digest({path: text.encode() for path, text in sources.items()})


def frame(value: object) -> bytes:
    data = bz2.compress(json.dumps(value).encode())
    return b"%d\n%s" % (len(data), data)


class Stage:
    """One operator of one version; `state` is that of the host, `asked` whether it was lacked."""

    def __init__(self, state: Path, sources: dict[str, str], python: str = sys.executable) -> None:
        self.state = state
        self.sources = sources
        self.python = python
        self.asked = False

    @property
    def tree(self) -> Path:
        """Where this version lies on the host."""
        return self.state / loader.TREES / digest(self.sources)

    def begin(self) -> subprocess.Popen[bytes]:
        """Send what starts the agent, which no plan is needed for."""
        process = subprocess.Popen(
            [self.python, "-I", "-c", payload.STAGE_ONE],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.send(process, [LOADER, digest(self.sources), str(self.state)])
        return process

    def open(self, plan: dict[str, Any]) -> subprocess.Popen[bytes]:
        """Send the plan, without the agent."""
        process = self.begin()
        self.send(process, {"host_state": str(self.state), "site": {}, **plan})
        return process

    def start(self, plan: dict[str, Any]) -> tuple[subprocess.Popen[bytes], bytes]:
        """Send the plan, and the agent where it is lacked; gives the first line after that, too."""
        process = self.open(plan)
        assert process.stdout
        line = process.stdout.readline()
        self.asked = b'"want", "name": "agent"' in line
        if self.asked:
            self.send(process, self.sources)
            line = process.stdout.readline()
        return process, line

    def run(self, plan: dict[str, Any]) -> tuple[int, str, str]:
        """Run a plan; gives the exit status, what was printed, and what was said of errors."""
        process, line = self.start(plan)
        out, err = self.hear(process)
        return process.returncode, (line + out).decode(), err

    @staticmethod
    def hear(process: subprocess.Popen[bytes]) -> tuple[bytes, str]:
        """Wait for its end, with stdin open; gives what it printed, and said of errors."""
        assert process.stdout
        assert process.stderr
        with process:
            out, err = process.stdout.read(), process.stderr.read().decode()
        return out, err.replace(payload.READING.decode() + "\n", "")

    @staticmethod
    def send(process: subprocess.Popen[bytes], value: object) -> None:
        assert process.stdin
        process.stdin.write(frame(value))
        process.stdin.flush()
