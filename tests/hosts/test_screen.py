"""What a person sees while and after a deploy: on a terminal, in a pipe, with a cable pulled."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

import sandbox
from tests import screen

from .conftest import Live, bridge, on
from .trouble import told, wait_until
from .visitor import page

pytestmark = on("bookworm", whole=["trixie"])

PHASES = ["Packages", "HTTPS", "Environment", "Release", "Live"]
ROW = re.compile(r"  ([A-Z]\w+) +([\d.]+|-)(?: s)?  ")
# a package to install, which takes its time and says nothing meanwhile
SLOW = """
sudo dpkg --remove --force-depends git >/dev/null
echo 'DPkg::Pre-Invoke { "sleep 24.5"; };' | sudo tee /etc/apt/apt.conf.d/99slow
"""
AT_WORK = "pgrep --exact --full 'sleep 24.5' >/dev/null && echo yes"
NAP = """

@app.get("/nap/<int:seconds>")
def nap(seconds: int) -> str:
    # so many seconds after this release is live no more
    import time
    while os.readlink("/srv/guestbook/current").endswith(os.environ["FLASKWRIGHT_RELEASE"]):
        time.sleep(0.1)
    time.sleep(seconds)
    return "rested"
"""


@contextmanager
def watched(
    live: Live, *task: str, columns: int = 60
) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    """Run a task on a terminal; gives the process, and what stands on the screen."""
    with screen.terminal(columns) as (terminal, seen):
        process = live.project.start("-H", live.project.name, *task, terminal=terminal.fileno())
        yield process, seen
        process.kill()
        process.wait()


def ended(process: subprocess.Popen[str], seen: Callable[[], str]) -> str:
    """Watch until the end; gives the last picture."""
    while process.poll() is None:
        seen()
        time.sleep(0.1)
    return seen()


def rows(text: str) -> dict[str, str]:
    """The phases on a screen, each with its seconds."""
    found = filter(None, map(ROW.match, text.split("\n")))
    return {row[1]: row[2] for row in found}


@pytest.fixture
def slow(live: Live) -> Live:
    sandbox.reset(live.project.name)
    live.project.restore()
    live.shell(SLOW)
    return live


def test_a_deploy_on_a_terminal(live: Live) -> None:
    live.project.change("templates/index.html", "</h1>", "</h1><!-- 訪客 -->")
    live.project.commit("Visitors may sign: 訪客名簿, and a subject that is longer than a line is")
    with watched(live, "deploy") as (process, seen):
        text = ended(process, seen)
    assert process.returncode == 0, text
    assert list(rows(text)) == PHASES
    assert all(len(line) < 60 for line in text.split("\n")), text
    total = re.search(r"  (\d+ of \d+ changed)  ([\d.]+) s", text)
    assert total, text
    spent = sum(float(seconds) for seconds in rows(text).values() if seconds != "-")
    assert spent == pytest.approx(float(total[2]), abs=0.5)
    *_, url, release, commit, _, look, undo = text.replace(" \\\n", " ").split("\n")
    assert (url, release) == (f"http://{live.address}/", f"  release {live.current()}")
    assert commit.startswith(f"  commit  {live.project.git('rev-parse', 'HEAD')[:7]}  Visitors may")
    assert re.fullmatch(rf"  undo    \S+/fab -H {live.project.name} +rollback", undo)
    command = look.removeprefix("  look    ")
    shown = subprocess.run(["sh", "-c", f"{command} -s"], capture_output=True, text=True)
    assert "訪客" in shown.stdout


def test_a_second_time_it_says_that_there_is_nothing_to_do(live: Live) -> None:
    with watched(live, "deploy") as (process, seen):
        text = ended(process, seen)
    assert process.returncode == 0, text
    assert list(rows(text)) == PHASES
    assert text.count("unchanged") == 4
    assert "nothing to do" in text


@pytest.mark.long
def test_without_a_terminal_no_ten_seconds_are_silent(slow: Live) -> None:
    """Lines of a log: none is drawn over, and none names a resource."""
    process = slow.project.start("-H", slow.project.name, "deploy")
    assert process.stderr
    said, at = [], [time.monotonic()]
    for line in process.stderr:
        said.append(line)
        at.append(time.monotonic())
    assert process.wait() == 0, "".join(said)
    assert max(b - a for a, b in pairwise(at)) < 10.5, said
    text = "".join(said)
    assert not re.search(r"[\r\x1b]|file:/|packages:\w", text)
    assert text.count("  Packages  ") >= 3, text
    assert list(rows(text)) == PHASES


def test_a_cable_that_is_pulled_is_told_within_ten_seconds(slow: Live) -> None:
    hole = (
        f"sleep 1; ip route add blackhole {bridge()}; sleep 60; ip route del blackhole {bridge()}"
    )
    with watched(slow, "setup") as (process, seen):
        keep_seen = threading.Event()

        def wait_at_work() -> None:
            wait_until(slow, AT_WORK, "yes")
            slow.shell(f"sudo systemd-run --quiet sh -c '{hole}'")
            keep_seen.set()

        threading.Thread(target=wait_at_work).start()
        while not keep_seen.wait(0.1):
            seen()
        pulled = time.monotonic() + 1
        while "nothing heard from" not in seen():
            assert time.monotonic() - pulled < 10, seen()
            time.sleep(0.1)
        text = ended(process, seen)
        took = time.monotonic() - pulled
    assert process.returncode == 6, text
    assert took < 35
    assert "not finished" in text
    assert "the link was lost" in text
    sandbox.reset(slow.project.name)


def test_who_is_waited_for_and_who_is_cut_is_counted(live: Live) -> None:
    sandbox.reset(live.project.name)
    live.project.restore()
    live.project.declare(drain=12)
    live.project.change("app.py", '\n\n@app.get("/health")', f'{NAP}\n\n@app.get("/health")')
    live.deploy()
    visitors = [threading.Thread(target=_visit, args=(live, nap)) for nap in (3, 60)]
    for visitor in visitors:
        visitor.start()
    wait_until(live, "ss -x state connected src /run/guestbook.sock | grep -c guestbook.sock", "2")
    live.project.add("more.txt", "more\n")
    said = live.project.on_host("deploy")
    assert said.code == 0, str(said)
    found = re.search(r"waited (\d+) s for 2 requests; 1 was cut after (\d+) s", said.err)
    assert found, str(said)
    assert 2 <= int(found[1]) <= 14
    assert int(found[2]) in (12, 13, 14)
    for visitor in visitors:
        visitor.join()
    again = live.project.on_host("attach")
    assert found[0] in again.err, str(again)
    took, told_again = (float(rows(each.err)["Live"]) for each in (said, again))
    assert told_again == pytest.approx(took, abs=0.5)
    assert again.out.split("\n")[2] == f"http://{live.address}/"


def _visit(live: Live, seconds: int) -> None:
    argv = ["curl", "-s", "-m", "90", f"http://{live.address}/nap/{seconds}"]
    subprocess.run(argv, capture_output=True)


def test_status_begins_with_the_url_and_says_what_failed_and_when(live: Live) -> None:
    said = live.project.on_host("status")
    url, release, *_ = said.out.split("\n")
    assert (url, release) == (f"http://{live.address}/", f"release: {live.current()}")
    assert re.search(r"^since: (just now|\d+ minutes? ago)$", said.out, re.MULTILINE)
    live.project.change("app.py", "import sqlite3", "import sqlite3, nothing_like_it")
    told(live.project.on_host("deploy"), 1, "nothing_like_it")
    failed = live.project.on_host("status")
    assert re.match(rf"{url}\nlast transaction: just now, failed at serving\S+ ", failed.out)
    answer = live.project.on_host("status", "--json").told(live.project.name)
    assert answer["url"] == url
    assert re.match(r"20\S+Z, failed", answer["outcomes"][0]["answer"]["last transaction"])
    assert page(live.address)


def test_logs_have_what_the_app_says_and_not_what_every_deploy_does(live: Live) -> None:
    own = "canary|Booting worker|Started guestbook"
    assert live.project.on_host("logs", "--grep", own).out == ""
    assert live.project.on_host("logs", "--all", "--grep", own).out.count("\n") > 3


def test_what_is_wrong_stands_last_with_its_cure(live: Live) -> None:
    file = f"/srv/guestbook/releases/{live.current()}/code/app.py"
    live.shell(f"echo '# by hand' | sudo tee -a {file}")
    said = live.project.on_host("verify")
    assert said.code == 1, str(said)
    *_, row, state, cure = said.out.rstrip("\n").split("\n")
    assert row.startswith("manifest  live release")
    assert state == "  wrong: code/app.py is not as deployed"
    assert cure.startswith(f"  next   ./fab -H {live.project.name} deploy puts it back")
    assert "1 of " in said.err
