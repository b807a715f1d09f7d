"""One deploy that something happens to, and all that must hold afterwards."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hosts.conftest import Live, Shell
from tests.hosts.project import Said
from tests.hosts.visitor import ask, page

HERE = Path(__file__).parent
ROUTE = """
@app.get("/release")
def release() -> str:
    return os.environ["FLASKWRIGHT_RELEASE"]


"""
BEFORE = '@app.get("/")\n'
LEFT = """
ls /run | grep -E 'guestbook@.*[.]next|canary'
systemctl list-units --plain --no-legend 'flaskwright-canary*' 'flaskwright-guestbook*'
sudo ls -A /var/lib/flaskwright/guestbook /run/systemd/system | grep -E 'pending|reserve|[.]service'
ls -A /srv/guestbook/releases | grep '^[.]'
for venv in /srv/guestbook/venvs/*; do [ -e $venv/.complete ] || echo $venv; done
sudo find /etc /srv /var/lib/flaskwright /run /tmp -name '.*.flaskwright-*'
for lock in /var/lib/flaskwright/lock /var/lib/flaskwright/guestbook/lock; do
    sudo flock --nonblock $lock true || echo $lock is held
done
true
"""

ROWS = """
sudo ls -la --full-time /srv/guestbook/shared
sudo python3 -c 'import sqlite3
for row in sqlite3.connect("/srv/guestbook/shared/guestbook.db").execute("SELECT * FROM entry"):
    print(row)' | tail -n 3
"""


@dataclass
class Trial:
    """A host on which a new release is about to be deployed, marked by `note`.

    after: what has to be put back when the trial is over.
    """

    live: Live
    before: str
    note: str
    process: subprocess.Popen[str] | None = None
    visitors: dict[str, Any] = field(default_factory=dict)
    after: ExitStack = field(default_factory=ExitStack)

    def deploy(self) -> None:
        """Begin the deploy."""
        self.process = self.live.project.start("-H", self.live.project.name, "deploy")

    def said(self, seconds: float = 120) -> Said:
        """Wait for its end."""
        assert self.process is not None
        out, err = self.process.communicate(timeout=seconds)
        return Said(self.process.returncode, out, err)

    def started(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start one of the programs beside this file on the host, as root."""
        command = shlex.join(["sudo", "python3", "-c", (HERE / program).read_text(), *arguments])
        return subprocess.Popen(
            [*Shell(self.live.host).host.ssh, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def prepared(live: Live, change: str = "") -> Trial:
    """Commit something new, and leave a line in the guestbook that must not get lost."""
    before = live.current()
    note = f"note {time.time_ns()}"
    live.project.add("VERSION", f"{note}\n{change}")
    sign(live, note)
    return Trial(live, before, note)


def sign(live: Live, note: str) -> None:
    """Leave a line in the guestbook."""
    headers = {"Origin": f"http://{live.address}"}
    answer = ask(live.address, headers=headers, form={"name": "Trial", "message": note})
    assert answer is not None
    assert answer.status == 303, answer.text


@contextmanager
def visited(trial: Trial) -> Iterator[None]:
    """Ask the site from the host's loopback all the while."""
    process = trial.started("visitors.py")
    yield
    out, _ = process.communicate(timeout=60)
    trial.visitors.update(json.loads(out or "{}"))


def settled(trial: Trial, seconds: float = 60) -> str:
    """Wait until the host is done with it; returns the release that it serves."""
    live, until = trial.live, time.monotonic() + seconds
    while left := live.shell(LEFT):
        assert time.monotonic() < until, f"left behind:\n{left}"
        time.sleep(0.1)
    release = live.current()
    assert page(live.address, "/release") == release, "what answers is not what is live"
    return release


def holds(trial: Trial) -> str:
    """Assert that the host is whole, and that the next deploy converges; `old` or `new`."""
    live = trial.live
    release = settled(trial)
    said = live.project.on_host("verify")
    assert said.code == 0, str(said)
    text = page(live.address)
    assert trial.note in text, f"{trial.note} is lost:\n{text}\n{live.shell(ROWS)}"
    outcome = "old" if release == trial.before else "new"
    live.deploy()
    assert trial.note in live.shell("cat /srv/guestbook/current/code/VERSION")
    said = live.deploy()
    assert "nothing to do" in said.err, str(said)
    assert settled(trial) == live.current()
    return outcome
