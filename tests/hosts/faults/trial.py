"""One deploy that something happens to, and all that must hold afterwards."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.hosts.conftest import Live, Shell
from tests.hosts.history import History, Outcome, violations
from tests.hosts.project import Said
from tests.hosts.trouble import HALF_VENVS, told
from tests.hosts.visitor import ask, page

HERE = Path(__file__).parent
ROUTE = """
@app.get("/release")
def release() -> str:
    return os.environ["FLASKWRIGHT_RELEASE"]


"""
BEFORE = '@app.get("/")\n'
LEFT = f"""
ls /run | grep -E 'guestbook@.*[.]next|canary'
systemctl list-units --plain --no-legend 'flaskwright.*.guestbook.*'
sudo ls -A /var/lib/flaskwright/guestbook /run/systemd/system | grep -E 'pending|reserve|[.]service'
ls -A /srv/guestbook/releases | grep '^[.]'
{HALF_VENVS}
sudo find /etc /srv /var/lib/flaskwright /run /tmp -name '.*.flaskwright-*'
for lock in /var/lib/flaskwright/lock /var/lib/flaskwright/guestbook/lock; do
    sudo flock --nonblock $lock true || echo $lock is held
done
true
"""
# what a git that was killed leaves is removed by the next one
LEFT_BY_GIT = "sudo find /srv/guestbook/repo.git -name 'tmp_*' -o -name '*.lock'"
ROWS = """
sudo ls -la --full-time /srv/guestbook/shared
sudo python3 -c 'import sqlite3
for row in sqlite3.connect("/srv/guestbook/shared/guestbook.db").execute("SELECT * FROM entry"):
    print(row)' | tail -n 3
"""
CODES = {"old": (1, 3), "new": (0, 3)}  # of a deploy, by what is served in the end
AUDIT = "/var/lib/flaskwright/guestbook/releases.jsonl"
SEEN = "/run/visitors.json"  # on the host; gone when it was off
LOOK = f"""
sudo sh -c '[ -e {SEEN}.pid ] || exit 0
visitors=$(cat {SEEN}.pid)
kill $visitors
while kill -0 $visitors 2>/dev/null; do sleep 0.02; done
cat {SEEN} && rm {SEEN} {SEEN}.pid'
"""


@dataclass
class Trial:
    """A host on which a new release is about to be deployed, marked by `note`.

    alone: whether there are no visitors, who might write to the database.
    dies: whether the app ends its own process, and with it what it is just answering.
    visitors: what they saw on the host meanwhile; None where it was off.
    decided: when a transaction was last told to be over, in seconds of the host's clock.
    after: what has to be put back when the trial is over.
    """

    live: Live
    before: str
    note: str
    process: subprocess.Popen[str] | None = None
    alone: bool = False
    dies: bool = False
    visitors: History | None = None
    decided: float = 0.0
    after: ExitStack = field(default_factory=ExitStack)

    def visit(self) -> None:
        """Have visitors until `look`."""
        assert self.started("visitors.py", SEEN, AUDIT).wait(timeout=30) == 0
        self.after.callback(self.live.shell, LOOK)

    def deploy(self) -> None:
        """Begin the deploy, while there are visitors unless it is to be alone."""
        if not self.alone:
            self.visit()
        self.process = self.live.project.start("-H", self.live.project.name, "deploy")
        self.after.callback(self.process.wait, 120)

    def said(self, seconds: float = 120) -> Said:
        """Wait for its end."""
        assert self.process is not None
        out, err = self.process.communicate(timeout=seconds)
        return Said(self.process.returncode, out, err)

    @property
    def seen(self) -> dict[str, float]:
        """What the table has of the visitors; empty where the host was off."""
        if self.visitors is None:
            return {}
        failed = sum(visit.failed for visit in self.visitors.visits)
        asked, longest = len(self.visitors.visits), round(self.visitors.longest, 3)
        return {"asked": asked, "failed": failed, "longest": longest}

    def look(self) -> None:
        """Ask the visitors what they have seen."""
        if seen := self.live.shell(LOOK):
            told = json.loads(seen)
            self.visitors, self.decided = History.of(told["clients"]), told["decided"]

    def started(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start one of the programs beside this file on the host, as root."""
        return self.started_text((HERE / program).read_text(), *arguments)

    def started_text(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a program in Python on the host, as root."""
        command = shlex.join(["sudo", "python3", "-c", program, *arguments])
        return subprocess.Popen(
            [*Shell(self.live.host).host.ssh, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def telling(live: Live) -> Live:
    """Have the sample app tell the release that answers."""
    live.project.change("app.py", BEFORE, ROUTE + BEFORE)
    live.deploy()
    return live


def prepared(live: Live) -> Trial:
    """Commit something new, and leave a line in the guestbook that must not get lost."""
    before = live.current()
    note = f"note {time.time_ns()}"
    live.project.add("VERSION", f"{note}\n")
    sign(live, note)
    return Trial(live, before, note)


def sign(live: Live, note: str) -> None:
    """Leave a line in the guestbook."""
    headers = {"Origin": f"http://{live.address}"}
    answer = ask(live.address, headers=headers, form={"name": "Trial", "message": note})
    assert answer is not None
    assert answer.status == 303, answer.text


def settled(trial: Trial, seconds: float = 60) -> str:
    """Wait until the host is done with it; returns the release that it serves."""
    live, until = trial.live, time.monotonic() + seconds
    while left := live.shell(LEFT):
        assert time.monotonic() < until, f"left behind:\n{left}"
        time.sleep(0.1)
    release = live.current()
    assert page(live.address, "/release") == release, "what answers is not what is live"
    return release


def is_whole(trial: Trial) -> str:
    """Assert that the host is whole, and that nothing was lost; `old` or `new`."""
    live = trial.live
    release = settled(trial)
    trial.look()
    nobody_noticed(trial, release)
    said = live.project.on_host("verify")
    assert said.code == 0, str(said)
    text = page(live.address)
    assert trial.note in text, f"{trial.note} is lost:\n{text}\n{live.shell(ROWS)}"
    return "old" if release == trial.before else "new"


def converges(trial: Trial) -> None:
    """Assert that the next deploy brings the commit, and that the one after has nothing to do."""
    live = trial.live
    live.deploy()
    assert trial.note in live.shell("cat /srv/guestbook/current/code/VERSION")
    said = live.deploy()
    assert "nothing to do" in said.err, str(said)
    assert settled(trial) == live.current()
    assert not live.shell(LEFT_BY_GIT)


def nobody_noticed(trial: Trial, release: str) -> None:
    """Assert that each visitor had the answer that a deploy promises; see history.py.

    Where the host was off, nobody knows of those before; the site has answered since.
    """
    if trial.visitors is None:
        return
    noted = trial.decided if trial.decided > trial.visitors.visits[0].began else None
    outcome = Outcome(trial.before, release, noted)
    wrong = violations(trial.visitors, outcome, trial.dies)
    assert not wrong, "\n".join([str(outcome), *wrong])


def tells(trial: Trial, said: Said, outcome: str) -> None:
    """Assert that the operator learns which release is live: at once, or from `attach`."""
    live = f"live  release {trial.live.current()}"
    if said.code in (1, 3):
        told(said, said.code, live)
    if said.code == 6:
        assert f"fab -H {trial.live.project.name} attach" in said.err, str(said)
    if said.code == 6 or said.code < 0:
        later = trial.live.project.on_host("attach")
        assert later.code in CODES[outcome], str(later)
        assert not later.code or live in later.err, str(later)
