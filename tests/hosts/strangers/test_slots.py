"""An app that will not go, one that will not stop forking, names that meet, and an upgrade."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ..conftest import Live, Shell, on
from ..earlier import tree_of
from ..project import APP, ROOT, Project, Said, table
from ..visitor import page

pytestmark = on("bookworm", whole=["trixie"])

HERE = Path(__file__).parents[1]
LOAD = (HERE / "load.py").read_text()
EARLIER = "f27975b0c7b52f4c0602afcf36eb9bbf1d19c0f5"  # its slots could be held by an app
DRAIN = 3  # seconds
MOST = 512  # TasksMax= of the unit
PLAIN = {"off": True}
NAMES = ("lock", "try-guestbook", "canary-x", "recover")
GROUP = "/sys/fs/cgroup/systemd/system.slice/system-guestbook.slice"
SLOTS = f"cd {GROUP}; for slot in *@*.service; do echo $slot $(wc -l <$slot/cgroup.procs); done"


def squatter(project: Project, version: str) -> None:
    """Commit another version of the app whose process stays."""
    text = (HERE / "apps" / "squatter.py").read_text()
    project.add("squatter.py", text.replace('"first"', json.dumps(version)))


def answers(address: str, count: int = 60) -> set[str]:
    return {page(address) for _ in range(count)}


def occupied(shell: Shell | Live) -> list[str]:
    """The slots with processes, as the kernel counts them."""
    counts = [line.split() for line in _shell(shell, SLOTS).splitlines()]
    return [slot for slot, count in counts if count != "0"]


def _shell(shell: Shell | Live, command: str) -> str:
    return shell.shell(command) if isinstance(shell, Live) else shell(command)


def test_nothing_answers_on_after_its_release(live: Live) -> None:
    project = live.project
    project.declare(wsgi="squatter:app", drain=DRAIN)
    for version in ("one", "two", "three"):
        squatter(project, version)
        live.deploy()
        assert answers(live.address) == {version}
        assert len(occupied(live)) == 1
        told = project.on_host("status", "--json").told(project.name)["outcomes"][0]["answer"]
        assert told["service"] == occupied(live)[0]
        assert told["processes run"] == live.current()
    said = project.on_host("verify")
    assert said.code == 0, str(said)
    assert project.on_host("reload").code == 0
    assert project.on_host("rollback").code == 0
    assert answers(live.address) == {"two"}


@pytest.mark.long
def test_apps_may_be_named_like_what_is_ours(live: Live) -> None:
    project = live.project
    shutil.copytree(project.app, project.directory / "other", symlinks=True, dirs_exist_ok=True)
    more = ""
    for name in NAMES:
        keys = {"guide": "raspberry-pi", "app": name, "address": live.address, "user": "pi"}
        more += table(f"apps.{name}", APP | {"workers": 1})
        more += table(f"hosts.{name}", keys | {"domain": f"{name}.test", "tls": PLAIN})
    project.declare({"domain": "guestbook.test", "tls": PLAIN}, more, wsgi="bomb:app")
    project.add("bomb.py", (HERE / "apps" / "bomb.py").read_text())
    live.deploy()
    for name in NAMES:
        said = beside(live, name, "deploy")
        assert said.code == 0, str(said)
    for name in ("guestbook", *NAMES):
        assert "<h1>Guestbook</h1>" in page(live.address, host=f"{name}.test")
    assert live.project.on_host("gunicorn.by-hand").code == 0  # its unit: flaskwright.try.guestbook
    assert "nothing to do" in live.deploy().err
    assert "nothing to do" in beside(live, "lock", "deploy").err


def beside(live: Live, name: str, *arguments: str) -> Said:
    """Run `./fab` for an app beside the first one, with the key given by hand."""
    config = live.project.directory / "ssh_config"
    known = f"Host {live.address}\n    UserKnownHostsFile {live.host.known_hosts}\n"
    config.write_text(known)
    given = ("-i", str(live.host.identity), "-S", str(config))
    return live.project.fab(*given, "-H", name, *arguments)


@pytest.mark.long  # beside the apps of the test above
def test_a_fork_bomb_is_bounded_and_neighbours_answer(live: Live) -> None:
    assert page(live.address, "/bomb", host="guestbook.test") == "lit"
    until = time.monotonic() + 30
    count = "ps -eLo user= | grep -c '^guestbo'"
    while (tasks := int(live.shell(count))) < MOST - 50:
        assert time.monotonic() < until, f"{tasks} processes"
        time.sleep(0.2)
    slowest = 0.0
    for _ in range(20):
        began = time.monotonic()
        assert "<h1>Guestbook</h1>" in page(live.address, host="lock.test")
        assert int(live.shell(count)) <= MOST
        slowest = max(slowest, time.monotonic() - began)
    print(
        f"a bomb of {tasks} processes: a neighbour's page and a login took {slowest:.2f} s at most"
    )
    live.project.add("note.txt", "another commit\n")
    live.deploy()
    assert len(occupied(live)) == 1
    assert int(live.shell(count)) < 10


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The version that hosts were deployed to before; skips where the history is cut off."""
    with tree_of(EARLIER, tmp_path_factory.mktemp("earlier")) as tree:
        yield tree


def by(earlier: Path, project: Project, *arguments: str) -> None:
    """Run a task of the earlier version, which has to succeed."""
    done = subprocess.run(
        [str(ROOT / ".venv/bin/fab"), "--write-pyc", "--search-root", str(earlier), *arguments],
        cwd=project.directory,
        env={
            **os.environ,
            "PYTHONPATH": str(earlier),
            "INVOKE_RUNTIME_CONFIG": str(earlier / "fabric.yaml"),
            "FLASKWRIGHT_HOSTS": str(project.hosts),
        },
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_a_host_of_an_earlier_version_is_taken_over(
    suite: str, names: list[str], earlier: Path, tmp_path: Path
) -> None:
    import sandbox

    names.append(f"upgrade-{suite}")
    project = Project(tmp_path, names[-1], suite)
    by(earlier, project, "-H", project.name, "deploy")
    shell = Shell(sandbox.host(project.name))
    old = shell("readlink /srv/guestbook/current")
    assert "enabled" in shell("systemctl is-enabled flaskwright-recover.service")
    held = "sudo flock --nonblock /var/lib/flaskwright/lock sleep 30"
    with ThreadPoolExecutor() as threads:
        threads.submit(shell, held)
        wait_for_lock(shell)
        assert project.on_host("deploy").code == 4
        shell("sudo pkill -f 'sleep 30'", check=False)
        project.add("note.txt", "another commit\n")
        asked = threads.submit(shell, f"python3 -c {shlex.quote(LOAD)} /health 25 100 8")
        time.sleep(1)
        said = project.on_host("deploy")
    found = json.loads(asked.result())
    assert said.code == 0, str(said)
    assert found["failed"] == [], found
    left = "ls /etc/systemd/system /etc/systemd/system/sysinit.target.wants | grep flaskwright"
    assert set(shell(left).split()) == {"flaskwright.recover.service"}
    assert "nothing to do" in project.on_host("deploy").err
    assert project.on_host("rollback").code == 0
    assert shell("readlink /srv/guestbook/current") == old
    assert project.on_host("rollback", "--to", said_release(said)).code == 0
    _held_slots_are_freed(project, shell, earlier)


def wait_for_lock(shell: Shell) -> None:
    """Return once somebody on the host holds its lock."""
    free = "sudo flock --nonblock /var/lib/flaskwright/lock true && echo free"
    until = time.monotonic() + 20
    while shell(free, check=False):
        assert time.monotonic() < until, "nobody takes the lock"
        time.sleep(0.05)


def said_release(said: Said) -> str:
    return said.out.partition("release ")[2].split()[0]


def _held_slots_are_freed(project: Project, shell: Shell, earlier: Path) -> None:
    """What an app could do to the earlier version ends with the next deploy."""
    project.declare(wsgi="squatter:app", drain=DRAIN)
    squatter(project, "old")
    by(earlier, project, "-H", project.name, "deploy")
    address = shell.host.address
    squatter(project, "new")
    said = project.on_host("deploy")
    assert said.code == 0, str(said)
    assert answers(address) == {"new"}
    assert len(occupied(shell)) == 1
    assert project.on_host("verify").code == 0
