"""A requirement whose build is a stranger's: what it can do to the host, and to other apps."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from flaskwright.agent.venvs.gunicorn_version import PINS
from tests.agent.wheels import wheel

from ..conftest import Live, on

pytestmark = on("bookworm", whole=["trixie"])

APPS = Path(__file__).parents[1] / "apps"
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "evil"
version = "1.0"
"""
PLAIN = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"plain"]
"""
VENV = "$(readlink /srv/guestbook/current/.venv)"
TOLD = f"cd / && sudo -u guestbook {VENV}/bin/python -c 'import evil; print(evil.TOLD)'"
OWN = "/var/cache/flaskwright/guestbook"
SOCKETS = {f"/run/systemd/journal/{name}" for name in ("dev-log", "socket", "stdout")}
TERMINALS = "/dev/pts/ptmx"
DEVICES = {f"/dev/{name}" for name in ("full", "null", "ptmx", "random", "tty", "urandom", "zero")}


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The app, once it was deployed with that requirement."""
    live.project.add("evil/pyproject.toml", PROJECT)
    for name in ("backend.py", "surroundings.py"):
        live.project.add(f"evil/{name}", (APPS / name).read_text())
    live.project.add("requirements.txt", "flask>=3.0\n./evil\n")
    live.deploy()
    return live


@pytest.fixture(scope="module")
def told(app: Live) -> dict[str, list[str]]:
    """What the build saw where it ran."""
    found: dict[str, list[str]] = json.loads(app.shell(TOLD))
    return found


def test_nothing_of_the_build_is_left(app: Live) -> None:
    assert app.shell("pgrep -U guestbook.build || true") == ""
    assert app.shell(f"sudo find {VENV} -name late -newer {VENV}/pyvenv.cfg") in ("", _late(app))
    before = app.shell(f"sudo find {VENV} -printf '%p %s %C@\\n' | sort | sha256sum")
    assert (
        app.shell(f"sleep 2; sudo find {VENV} -printf '%p %s %C@\\n' | sort | sha256sum") == before
    )


def _late(app: Live) -> str:
    return app.shell(f"echo {VENV}/bin/late")


def test_the_tree_is_roots_alone(app: Live) -> None:
    for wrong in ("! -user root", "! -group root", "! -type l -perm /7022", "-links +1 -type f"):
        assert app.shell(f"sudo find {VENV} {wrong}") == "", wrong
    assert app.shell(f"sudo getfattr -R -m - {VENV} 2>/dev/null || true") == ""


def test_root_has_run_none_of_it(app: Live) -> None:
    """Neither in the deploys that follow, whatever it says of itself where marks once were."""
    assert "nothing to do" in app.deploy().err
    app.project.add("more.py", "x = 1\n")
    app.deploy()
    assert "nothing to do" in app.deploy().err
    assert app.shell("ls /run | grep owned || true") == ""


def test_what_it_can_write(app: Live, told: dict[str, list[str]]) -> None:
    tree = app.shell(f"echo {VENV}").strip()
    places = {OWN, "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", TERMINALS, *DEVICES}
    built = {path for path in told["writable"] if path.startswith(tree.rpartition("/")[0] + "/")}
    assert {path.removesuffix(".source") for path in built} == {tree}
    assert set(told["writable"]) - built - SOCKETS <= places


def test_whom_it_can_talk_to(told: dict[str, list[str]]) -> None:
    assert set(told["sockets"]) <= SOCKETS


def test_what_it_sees_of_others(told: dict[str, list[str]]) -> None:
    assert set(told["seen"]) == {"/srv/guestbook", OWN, f"planted in {OWN}"}


@pytest.mark.long
def test_what_is_added_to_a_lock_is_pinned_with_hashes(app: Live) -> None:
    path = app.project.app / "wheels" / "greeting-1.0-py3-none-any.whl"
    path.parent.mkdir()
    path.write_bytes(wheel("greeting"))
    digest = sha256(path.read_bytes()).hexdigest()
    app.project.add("requirements.txt", f"./wheels/{path.name} --hash=sha256:{digest}\n")
    app.project.add("plain.py", PLAIN)
    app.project.declare(wsgi="plain:app")
    app.deploy()

    listed = app.shell(f"{VENV}/bin/python -m pip list --format=freeze")
    assert PINS["gunicorn"].partition(" ;")[0] in listed.split()
    names = {line.partition("==")[0] for line in listed.split()}
    assert names - {"pip", "setuptools"} == {"gunicorn", "greeting"}


def test_a_link_that_leads_out_is_refused_by_name(app: Live) -> None:
    app.project.add("requirements.txt", "flask>=3.0\n./evil\n")
    app.project.declare()
    release = app.current()
    text = (APPS / "backend.py").read_text()
    laid = 'def plant(venv: Path) -> None:\n    (venv / "lib" / "out").symlink_to("/etc/shadow")\n'
    app.project.add("evil/backend.py", text.replace("def plant(venv: Path) -> None:\n", laid))

    said = app.project.on_host("deploy")

    assert said.code == 1, str(said)
    assert "lib/out" in said.err
    assert "/etc/shadow" in said.err
    assert app.current() == release
