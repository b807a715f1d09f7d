"""What is typed every day: reload under load, rollback, pruning, logs, run, shell."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .conftest import Live, on
from .trouble import MAIN, state, told, wait_until
from .typed import typed
from .visitor import page, wait_for

pytestmark = on("bookworm")

LOAD = (Path(__file__).parent / "load.py").read_text()
SLOW = """
import time
time.sleep(1)
from app import app

@app.get("/nap")
def nap():
    time.sleep(4)
    return "rested"
"""
HEALTH = "def health() -> dict[str, int]:\n"
WORKERS = f"pgrep -P $({MAIN})"


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The sample app, which takes 1 s to import. gunicorn 23 is free of faults without threads."""
    live.project.add("slow.py", SLOW)
    declare(live)
    live.deploy()
    return live


def declare(live: Live, **more: Any) -> None:
    live.project.declare(wsgi="slow:app", threads=4, **more)


@contextmanager
def load(live: Live, seconds: float, rate: float) -> Iterator[dict[str, Any]]:
    """Ask the site all the while; the sum is filled in at the end."""
    command = f"python3 -c {shlex.quote(LOAD)} /health {seconds} {rate} 8"
    found: dict[str, Any] = {}
    with ThreadPoolExecutor() as threads:
        asking = threads.submit(live.shell, command)
        time.sleep(1)
        yield found
        found.update(json.loads(asking.result()))


def workers(live: Live) -> set[str]:
    return set(live.shell(WORKERS).split())


def test_reload_fails_and_stalls_no_request(app: Live) -> None:
    with load(app, 10, 250) as found:
        for _ in range(3):
            before = workers(app)
            said = app.project.on_host("reload")
            assert said.code == 0, str(said)
            assert not before & workers(app)
    print(f"three reloads of an app that imports for 1 s: {found}")
    assert found["requests"] > 300
    assert found["failed"] == []
    assert found["slowest"] < 0.5
    result = "systemctl show -P ReloadResult 'guestbook@*.service' | sort -u"
    assert app.shell(result) == "success\n"


def test_a_request_in_flight_is_finished(app: Live) -> None:
    with ThreadPoolExecutor() as threads:
        nap = threads.submit(page, app.address, "/nap")
        time.sleep(0.5)
        assert app.project.on_host("reload").code == 0
        assert nap.result() == "rested"


REFUSED = {
    "an app that no longer imports": (
        "slow.py", "from app", "import nothing_like_it\\nfrom app",
        "No module named 'nothing_like_it'",
    ),
    "a health path that fails": (
        "app.py", HEALTH.strip(), f"{HEALTH.strip()}\\n    1 \\/ 0", "ZeroDivisionError",
    ),
    "an app that ends itself": (
        "slow.py", "from app", "raise SystemExit(3)\\nfrom app", "is not reloaded",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [pytest.param(one, marks=[pytest.mark.long] if at else []) for at, one in enumerate(REFUSED)],
)
def test_reload_is_refused_and_the_old_workers_serve_on(app: Live, case: str) -> None:
    file, old, new, words = REFUSED[case]
    place = f"/srv/guestbook/current/code/{file}"
    before, main = workers(app), app.shell(MAIN)
    pattern = old.replace("[", r"\[").replace("]", r"\]")
    app.shell(f"sudo cp {place} /root/kept && sudo sed -i 's/^{pattern}/{new}/' {place}")
    with load(app, 4, 100) as found:
        said = app.project.on_host("reload")
        app.shell(f"sudo cp /root/kept {place}")
    told(said, 1, words, "the old workers serve on", f"live  release {app.current()}")
    assert found["failed"] == []
    assert workers(app) == before
    assert app.shell(MAIN) == main
    assert app.project.on_host("reload").code == 0
    assert not workers(app) & before


def test_settings_changed_by_hand_are_not_loaded(app: Live) -> None:
    settings = "/srv/guestbook/current/etc/gunicorn.conf.py"
    app.shell(f"sudo cp -p {settings} /root/kept; echo '(' | sudo tee -a {settings}")
    told(app.project.on_host("reload"), 1, "was changed by hand")
    app.shell(f"sudo cp -p /root/kept {settings}")
    assert app.project.on_host("reload").code == 0


def listed(live: Live) -> list[dict[str, Any]]:
    said = live.project.on_host("releases", "--json")
    assert said.code == 0, str(said)
    outcomes = json.loads(said.out)["hosts"][live.project.name]["outcomes"]
    rows: list[dict[str, Any]] = outcomes[0]["answer"]["releases"]
    return rows


def retitled(live: Live, title: str) -> str:
    """Deploy the site under another heading; its release."""
    live.project.git("checkout", "--quiet", "HEAD", ".")
    path = "templates/index.html"
    text = re.sub("<h1>.*</h1>", f"<h1>{title}</h1>", (live.project.app / path).read_text())
    live.project.add(path, text)
    live.deploy()
    return live.current()


def test_rollback_and_forward_again(app: Live) -> None:
    first = app.current()
    second = retitled(app, "Second")
    assert [(row["release"], row["live"]) for row in listed(app)[:2]] == [
        (second, True),
        (first, False),
    ]
    dry = app.project.on_host("rollback", "--dry-run")
    assert dry.code == 2, str(dry)
    assert f"release: {second} -> {first}" in dry.out
    app.shell("sudo mv /srv/guestbook/repo.git /srv/guestbook/away")  # it needs no git

    with load(app, 10, 100) as found:
        back = app.project.on_host("rollback")
        assert app.current() == first
        assert "Second" not in page(app.address)
        forward = app.project.on_host("rollback", "--to", second)
    app.shell("sudo mv /srv/guestbook/away /srv/guestbook/repo.git")

    assert (back.code, forward.code) == (0, 0), f"{back}{forward}"
    assert f"undo    ./fab -H {app.project.name} rollback --to {second}\n" in back.out
    assert f"undo    ./fab -H {app.project.name} rollback\n" in forward.out
    assert app.current() == second
    assert "Second" in page(app.address)
    print(f"rollback and forward: {found}")
    assert found["failed"] == []


def test_where_no_rollback_leads(app: Live) -> None:
    live = app.current()
    said = app.project.on_host("rollback", "--to", "20200101-000000-0000000")
    told(said, 1, "is not on the host", "those that were live:", live, f"live  release {live}")
    other = next(row["release"] for row in listed(app) if not row["live"])
    file = f"/srv/guestbook/releases/{other}/code/app.py"
    app.shell(f"echo '# by hand' | sudo tee -a {file}")
    said = app.project.on_host("rollback", "--to", other)
    told(said, 1, f"release {other} is not what was deployed", "| code/app.py", "deploy --ref")
    app.shell(f"sudo sed -i '$ d' {file}")
    assert app.current() == live


def test_pruning(app: Live) -> None:
    app.project.declare(keep=2)  # an app that imports at once: five deploys
    good = retitled(app, "Good")
    app.project.change("app.py", HEALTH, f"{HEALTH}    1 / 0\n")
    told(app.project.on_host("deploy"), 1, "ZeroDivisionError")
    assert [row["verdict"] for row in listed(app)[:2]] == ["failed", "serving"]
    app.project.git("revert", "--no-edit", "HEAD")
    app.project.add("requirements.txt", "flask>=3.0\nclick>=8.0\n")
    last = retitled(app, "Last")

    assert app.shell("ls -A /srv/guestbook/releases").split() == sorted([good, last])
    assert len(app.shell("ls -A /srv/guestbook/venvs").split()) == 2
    refs = app.shell("sudo git --git-dir=/srv/guestbook/repo.git for-each-ref").splitlines()
    assert len(refs) == 2
    assert "nothing to do" in app.deploy().err
    assert app.project.on_host("rollback").code == 0
    assert app.current() == good
    newest = retitled(app, "Newest")
    assert app.shell("ls -A /srv/guestbook/releases").split() == [good, newest]
    assert f"to: {good}\n" in app.project.on_host("rollback", "--dry-run").out
    assert state(app)[0] == newest


def test_logs(app: Live) -> None:
    app.shell("sudo systemctl stop guestbook.socket 'guestbook@*.service'")
    app.shell("curl -s http://127.0.0.1/")
    app.shell("logger -t guestbook -- x; sudo systemctl start guestbook.socket")
    wait_for(app.address)
    nginx = app.project.on_host("logs", "-n", "1", "--grep", "Connection refused")
    assert re.fullmatch(r"\S+Z  nginx    \[error\] .*guestbook.sock failed.*\n", nginx.out)
    said = app.project.on_host("logs", "--all", "--since", "1 hour ago", "-n", "5")
    assert said.out.count("\n") == 5, str(said)
    told(app.project.on_host("logs", "--since", "soon"), 64, "soon is no time", "2h, yesterday")
    assert app.project.on_host("logs", "--all", "--since", said.out.split()[0]).out
    none = app.project.on_host("logs", "--since", "1h", "--grep", "no such line")
    assert (none.code, none.out) == (0, "")
    assert "said nothing since then that --grep matches; --all shows starts" in none.err
    assert app.project.on_host("logs", "--grep", "(").code == 64


def test_control_characters_do_not_reach_the_terminal(app: Live) -> None:
    code = "import sys; sys.stdout.write('\\x1b[31mred\\x07\\n')"
    command = ("run", f'python -c "{code}"')
    shown = typed(app, task=command)
    assert (shown.code, "red\r\n" in shown.out) == (0, True), str(shown)
    assert "\x1b[31m" not in shown.out
    assert "\x07" not in shown.out
    assert app.project.on_host(*command).out == "\x1b[31mred\x07\n"  # a pipe has every byte


@contextmanager
def begun(live: Live, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = live.project.start("-H", live.project.name, *arguments)
    yield process
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


def test_logs_go_on_until_ctrl_c(app: Live) -> None:
    with begun(app, "logs", "--all", "-f", "-n", "0", "--grep", "Hang up") as process:
        wait_until(app, "pgrep -c journalctl", "1")
        assert app.project.on_host("reload").code == 0
        assert process.stdout
        assert process.stdout.readline().endswith("Hang up: Master\n")
    assert process.returncode == 0
    wait_until(app, "pgrep -c 'journalctl|tail'", "0")


def test_run(app: Live) -> None:
    said = app.project.on_host("run", "id -un; pwd; flask routes; echo oops >&2; exit 7")
    user, directory, *routes = said.out.splitlines()
    assert (said.code, said.err.splitlines()[-1]) == (7, "oops"), str(said)
    assert (user, directory) == ("guestbook", f"/srv/guestbook/releases/{app.current()}/code")
    assert any(line.startswith("sign ") for line in routes)
    assert (
        app.project.on_host("run", "echo $DATABASE").out == "/srv/guestbook/shared/guestbook.db\n"
    )
    assert app.project.fab("-R", "-H", app.project.name, "run", "true").code == 64


def test_run_ends_with_whoever_typed_it(app: Live) -> None:
    with begun(app, "run", "sleep 1234 & sleep 1234"):
        wait_until(app, "pgrep -c -u guestbook sleep", "2")
    wait_until(app, "pgrep -c -u guestbook sleep", "0")


def test_shell(app: Live) -> None:
    assert app.project.on_host("shell").code == 64
    said = typed(app, "id -un", "pwd", "exit 5")
    assert said.code == 5, str(said)
    assert "guestbook\r\n" in said.out
    assert f"/srv/guestbook/releases/{app.current()}/code\r\n" in said.out
