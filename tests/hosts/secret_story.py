"""A day of an app with secrets: the app, its hosts.toml, and what befalls both."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .conftest import Live
from .leaks import Planted, Seen, sampled
from .project import Said
from .visitor import page

KEPT = "secrets.json"
ROUTES = """

import hashlib
import json
import os

import keyring

NAMES = ["quotes", "newline", "dollar", "backslash", "unicode", "long", "base64"]


@app.get("/secrets")
def secrets():
    found = {name: keyring.get_password("PLANTED", name) for name in NAMES}
    found["env"] = os.environ["FROM_KEYRING"]
    told = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in found.items()}
    return json.dumps({**told, "host": keyring.get_password("PLANTED", "host")})
"""
TALKATIVE = """

import logging
import sys

for name in NAMES:
    print("out", keyring.get_password("PLANTED", name), flush=True)
    print("err", repr(keyring.get_password("PLANTED", name)), file=sys.stderr)
    logging.getLogger("app").error("log %s", keyring.get_password("PLANTED", name))
raise RuntimeError([keyring.get_password("PLANTED", name) for name in NAMES])
"""
HOOK = """
import keyring, sys
for name in ["quotes", "newline", "dollar", "backslash", "unicode", "long", "base64"]:
    print(keyring.get_password("PLANTED", name), repr(keyring.get_password("PLANTED", name)))
"""


@dataclass
class Story:
    """A day of an app with secrets: what was planted, said, served, seen."""

    planted: Planted
    live: Live
    began: float
    said: dict[str, Said] = field(default_factory=dict)
    served: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: Seen = field(default_factory=Seen)

    def fab(self, *arguments: str, code: int = 0, given: str | None = None) -> Said:
        """Run `./fab`, and keep what it says under its number."""
        said = self.live.project.fab("-H", self.live.project.name, *arguments, given=given)
        self.said[f"{len(self.said)} {' '.join(arguments)}"] = said
        assert said.code == code, str(said)
        return said

    def keep(self, generation: int) -> None:
        """Put a value of each sort into the operator's store: of a file, some typed in anew."""
        file = self.live.project.directory / ".env"
        values = self.planted.values(generation)
        quoted = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
        file.write_text("".join(f"PLANTED_{n.upper()}={quoted[n]}\n" for n in quoted))
        self.fab("secrets.import", str(file))
        file.unlink()
        for username in ("newline", "long"):
            self.fab("secrets.set", "PLANTED", username, given=values[username] + "\n")

    def put(self, generation: int) -> None:
        """Write the same values into the store by hand."""
        kept = {"PLANTED": {**self.planted.values(generation), "host": "localhost"}}
        store = self.live.project.directory / KEPT
        store.touch(0o600)
        store.write_text(json.dumps(kept))

    def look(self, name: str) -> None:
        """Ask the app what it has read."""
        self.served[name] = json.loads(page(self.live.address, "/secrets"))

    def digests(self, generation: int) -> dict[str, str]:
        """Return what the app should have said."""
        values = self.planted.values(generation)
        told = {name: hashlib.sha256(value.encode()).hexdigest() for name, value in values.items()}
        return {**told, "env": told["quotes"], "host": "localhost"}


def told(live: Live, happens: Callable[[Story], None], **keyring: Any) -> Story:
    """Return a story once it has happened, with a look at all processes each 10 ms."""
    story = Story(Planted(), live, time.time())
    app = int(live.shell("id -u guestbook"))
    (live.project.directory / KEPT).unlink(missing_ok=True)
    declare(live, **keyring)
    prepare(live)
    with sampled(story.planted, app) as story.seen:
        happens(story)
    return story


def declare(live: Live, keep: int = 5, **keyring: Any) -> None:
    """Write hosts.toml."""
    live.project.declare(
        host={"keyring": {"file": KEPT, **keyring}},
        keep=keep,
        secrets=[f"PLANTED/{name}" for name in Planted().values(1)],
        plain=["PLANTED/host"],
        env={"DATABASE": "{shared}/guestbook.db", "FROM_KEYRING": "secret:PLANTED/quotes"},
        hooks={"before_switch": "python talk.py", "after_commit": "python talk.py"},
    )


def prepare(live: Live) -> None:
    """Make the sample app one that reads what was planted, and a hook that tells it."""
    (live.project.app / "requirements.txt").write_text("flask>=3.0\nkeyring\n")
    (live.project.app / "talk.py").write_text(HOOK)
    text = (live.project.app / "app.py").read_text()
    live.project.add("app.py", text + ROUTES)


def break_down(story: Story) -> None:
    """Deploy an app that tells all it knows, and ends."""
    project = story.live.project
    good = project.git("rev-parse", "HEAD").strip()
    project.add("app.py", (project.app / "app.py").read_text() + TALKATIVE)
    story.said["failed"] = story.fab("--debug", "deploy", code=1)
    project.git("reset", "--quiet", "--hard", good)
