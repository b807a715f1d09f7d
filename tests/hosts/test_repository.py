"""Where the code comes from, what it requires, and what of it outlives a release."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from .conftest import Live, bridge, on
from .visitor import ask, page

pytestmark = on("bookworm", whole=["trixie"])

PYPROJECT = """
[project]
name = "guestbook"
version = "1"
dependencies = ["flask>=3.0", "iniconfig"]
"""
FACTORY = """
from pathlib import Path
import os

def create_app():
    from app import app

    @app.post("/note")
    def note():
        for path in ("result.json", "uploads/note"):
            with Path(path).open("a") as file:
                file.write("note ")
        return ""

    @app.get("/note")
    def read():
        return Path("result.json").read_text() + Path("uploads/note").read_text()

    @app.get("/environment")
    def environment():
        return os.environ["PLACE"]

    return app
"""
HEADING = "<h1>Guestbook</h1>"


@pytest.fixture(scope="module")
def url(live: Live) -> Iterator[str]:
    """The app's repository as a git server on the bridge has it."""
    with socket.create_server((bridge(), 0)) as free:
        port = free.getsockname()[1]
    place = ["--reuseaddr", f"--listen={bridge()}", f"--port={port}"]
    share = ["--export-all", f"--base-path={live.project.directory}"]
    daemon = subprocess.Popen(["git", "daemon", *place, *share], stdin=subprocess.DEVNULL)
    address = f"git://{bridge()}:{port}/app/.git"
    until = time.monotonic() + 10
    while subprocess.run(["git", "ls-remote", address], capture_output=True).returncode:
        assert time.monotonic() < until, f"{address} does not answer"
        time.sleep(0.1)
    yield address
    daemon.terminate()
    daemon.wait()


@pytest.fixture
def fresh(live: Live) -> Live:
    """The host, and the repository as it was at first."""
    live.project.restore()
    return live


def title(live: Live, text: str) -> str:
    """Commit another heading for the page; returns the commit."""
    return live.project.change("templates/index.html", HEADING, f"<h1>{text}</h1>")


def test_new_commit_and_back(fresh: Live) -> None:
    fresh.deploy()
    old, first = fresh.current(), fresh.project.first
    commit = title(fresh, "Second")
    said = fresh.deploy()
    assert "<h1>Second</h1>" in page(fresh.address)
    assert fresh.current().split("-")[2] == commit[:7]
    assert f"undo    ./fab -H {fresh.project.name} rollback\n" in said.out
    assert old in fresh.shell("ls /srv/guestbook/releases").split()
    fresh.deploy("--ref", first)
    assert HEADING in page(fresh.address)
    assert fresh.current().split("-")[2] == first[:7]


def test_uncommitted_changes_stay_here(fresh: Live) -> None:
    index = fresh.project.app / "templates/index.html"
    index.write_text(index.read_text().replace(HEADING, "<h1>Draft</h1>"))
    said = fresh.deploy()
    assert "not committed, so not deployed" in said.err
    assert "templates/index.html" in said.err
    assert HEADING in page(fresh.address)


def test_url(fresh: Live, url: str) -> None:
    first, commits = fresh.project.first, {}
    for name in ("branch", "tag", "main"):
        fresh.project.git("checkout", "--quiet", "-B", name, first)
        commits[name] = title(fresh, name)
    fresh.project.git("tag", "--annotate", "--message=a tag", "v1", commits["tag"])
    fresh.project.git("branch", "--quiet", "-D", "tag")
    fresh.project.declare(repo=url)
    fresh.deploy()
    assert "<h1>main</h1>" in page(fresh.address)
    for ref, name in (
        ("branch", "branch"),
        ("v1", "tag"),
        (commits["branch"], "branch"),
        (commits["tag"][:9], "tag"),
    ):
        fresh.deploy("--ref", ref)
        assert f"<h1>{name}</h1>" in page(fresh.address)
        assert fresh.current().split("-")[2] == commits[name][:7]
    assert "nothing to do" in fresh.deploy("--ref", commits["tag"][:9]).err


def test_local_ref(fresh: Live) -> None:
    fresh.project.git("checkout", "--quiet", "-B", "side")
    commit = title(fresh, "side")
    fresh.project.git("checkout", "--quiet", "main")
    fresh.deploy("--ref", "side")
    assert "<h1>side</h1>" in page(fresh.address)
    fresh.deploy("--ref", commit[:8])
    assert fresh.current().split("-")[2] == commit[:7]
    fresh.project.declare(ref="side")
    assert "nothing to do" in fresh.deploy().err


@pytest.mark.long
def test_requirements_of_pyproject(fresh: Live) -> None:
    packages = "ls /srv/guestbook/current/.venv/lib/python3*/site-packages"
    fresh.project.git("rm", "--quiet", "requirements.txt")
    fresh.project.add("pyproject.toml", PYPROJECT)
    fresh.project.change("app.py", "import sqlite3", "import iniconfig\nimport sqlite3")
    fresh.deploy()
    assert HEADING in page(fresh.address)
    assert {"iniconfig", "gunicorn"} < set(fresh.shell(packages).split())


def test_factory_with_shared_paths_and_environment(fresh: Live) -> None:
    fresh.project.add("factory.py", FACTORY)
    fresh.project.add("result.json", "seed ")
    fresh.project.declare(
        wsgi="factory:create_app()",
        shared=["result.json", "uploads/"],
        env={"DATABASE": "{shared}/guestbook.db", "PLACE": "{shared} {release}"},
    )
    fresh.deploy()
    answer = ask(fresh.address, "/note", form={"x": "y"})
    assert answer is not None
    assert answer.status == 200
    assert page(fresh.address, "/note") == "seed note note "
    assert page(fresh.address, "/environment") == f"/srv/guestbook/shared {fresh.current()}"
    title(fresh, "Next")
    fresh.deploy()
    assert "<h1>Next</h1>" in page(fresh.address)
    assert page(fresh.address, "/note") == "seed note note "
    assert page(fresh.address, "/environment").endswith(fresh.current())
    owners = "sudo stat -c '%U %F' /srv/guestbook/shared/result.json /srv/guestbook/shared/uploads"
    assert fresh.shell(owners) == "guestbook regular file\nguestbook directory\n"


def test_directory_inside_the_repository(fresh: Live) -> None:
    fresh.project.app.joinpath("web/site").mkdir(parents=True)
    fresh.project.git("mv", "app.py", "static", "templates", "web/site")
    fresh.project.commit("moved")
    fresh.project.declare(directory="web/site")
    fresh.deploy()
    assert HEADING in page(fresh.address)
    assert "--paper" in page(fresh.address, "/static/style.css")
