"""Projects that are packages: their app below `src`, commands, data, entry points, one venv."""

from __future__ import annotations

import time

import pytest

from .conftest import Live, on
from .visitor import page

pytestmark = on("bookworm", whole=["trixie", "bullseye"])

MODULE = """
from importlib import metadata, resources
from pathlib import Path

import click
from flask import Flask


def create_app():
    app = Flask(__name__, instance_relative_config=True)

    @app.get("/")
    def index():
        return (Path(__file__).with_name("words.txt")).read_text() + metadata.version("my-site")

    @app.get("/instance")
    def instance():
        place = Path(app.instance_path)
        place.mkdir(exist_ok=True)
        (place / "visits").write_text("1")
        return str(place)

    @app.get("/path")
    def path():
        import os, shutil
        return shutil.which("my-site") or os.environ["PATH"]

    @app.get("/health")
    def health():
        return "well"

    return app


def main():
    print("a command says", metadata.version("my-site"))


@click.command("greet")
def greet():
    print("flask greets")
"""
PROJECT = """
[project]
name = "my-site"
dependencies = ["flask"]
{version}
[project.scripts]
my-site = "mysite:main"

[project.entry-points."flask.commands"]
greet = "mysite:greet"
"""
POETRY = """
[tool.poetry]
name = "my-site"
version = "1.3"
description = ""
authors = []
packages = [{ include = "mysite", from = "src" }]

[tool.poetry.dependencies]
python = ">=3.9"
flask = "*"

[tool.poetry.scripts]
my-site = "mysite:main"

[tool.poetry.plugins."flask.commands"]
greet = "mysite:greet"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""


def built(requires: str, backend: str, version: str = 'version = "1.2"', more: str = "") -> str:
    """Give a pyproject.toml for one of the builders."""
    system = f'[build-system]\nrequires = ["{requires}"]\nbuild-backend = "{backend}"\n'
    return PROJECT.format(version=version) + system + more


SCM = built(
    'setuptools", "setuptools_scm',
    "setuptools.build_meta",
    'dynamic = ["version"]',
    '[tool.setuptools_scm]\n[tool.setuptools.package-data]\nmysite = ["*.txt"]\n',
)
BUILDERS = {
    "hatchling": built(
        "hatchling",
        "hatchling.build",
        more='[tool.hatch.build.targets.wheel]\npackages = ["src/mysite"]\n',
    ),
    "flit": built(
        "flit_core>=3.2",
        "flit_core.buildapi",
        'version = "1.2"\ndescription = "x"',
        '[tool.flit.module]\nname = "mysite"\n',
    ),
    "poetry": POETRY,
}


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The app as a package below `src`, of setuptools, with its version from git."""
    project = live.project
    for path in ("app.py", "requirements.txt", "schema.sql"):
        (project.app / path).unlink(missing_ok=True)
    project.add("src/mysite/__init__.py", MODULE)
    project.add("src/mysite/words.txt", "words of ")
    project.add("pyproject.toml", SCM)
    project.declare(
        wsgi="mysite:create_app()",
        migrate="my-site",
        hooks={"before_switch": "flask greet", "after_commit": "my-site"},
    )
    live.deploy()
    return live


def venv(app: Live) -> str:
    return app.shell("readlink /srv/guestbook/current/.venv").strip()


def test_the_app_is_found_with_its_data_and_a_version(app: Live) -> None:
    commit = app.project.git("rev-parse", "HEAD")[:7]
    assert page(app.address) == f"words of 0+g{commit}"
    assert page(app.address, "/path").endswith("/project/bin/my-site")


def test_a_package_keeps_its_data_where_it_outlives_releases(app: Live) -> None:
    place = page(app.address, "/instance")
    assert place.endswith("/project/var/mysite-instance")
    assert app.shell("sudo cat /srv/guestbook/shared/mysite-instance/visits") == "1"


@pytest.mark.parametrize(
    ("command", "said"),
    [("my-site", "a command says 0+g"), ("flask greet", "flask greets"), ("flask routes", "/path")],
)
def test_its_commands_are_there(app: Live, command: str, said: str) -> None:
    done = app.project.on_host("run", command)
    assert done.code == 0, str(done)
    assert said in done.out


def test_what_is_installed_is_roots_and_known(app: Live) -> None:
    tree = "/srv/guestbook/current/project/"
    for wrong in ("! -user root", "! -type l -perm /7022", "-type f -links +1"):
        assert app.shell(f"sudo find {tree} {wrong}") == "", wrong
    assert app.shell("ls -A /srv/guestbook/releases").split() == sorted(
        app.shell("ls /srv/guestbook/releases").split()
    )
    said = app.project.on_host("verify")
    assert said.code == 0, str(said)


def test_second_deploy_has_nothing_to_do(app: Live) -> None:
    assert "nothing to do" in app.deploy().err


def test_other_code_shares_the_environment(app: Live) -> None:
    before = venv(app)
    app.project.add("src/mysite/words.txt", "other words of ")
    began = time.monotonic()
    app.deploy()
    print(f"a deploy of other code of a package: {time.monotonic() - began:.1f} s")
    assert page(app.address).startswith("other words of 0+g")
    assert venv(app) == before


def test_a_project_that_cannot_be_built_says_so_first(app: Live) -> None:
    release = app.current()
    app.project.add("pyproject.toml", SCM.replace('name = "my-site"', 'name = "my site!"'))
    said = app.project.on_host("deploy")
    assert said.code == 1, str(said)
    assert "my site!" in said.err or "`project.name`" in said.err, str(said)
    assert app.current() == release
    app.project.git("reset", "--quiet", "--hard", "HEAD^")


@pytest.mark.parametrize(
    "builder",
    [pytest.param(one, marks=pytest.mark.long) for one in BUILDERS],
)
def test_each_builder_brings_code_data_and_commands(app: Live, builder: str) -> None:
    app.project.add("pyproject.toml", BUILDERS[builder])
    app.deploy()
    assert page(app.address).startswith("other words of 1.")
    done = app.project.on_host("run", "my-site && flask greet")
    assert done.code == 0, str(done)
    assert "a command says 1." in done.out
    assert "flask greets" in done.out
    before = venv(app)
    app.project.add("other.txt", builder)
    app.deploy()
    assert venv(app) == before


def test_an_app_beside_a_project_that_only_configures_tools_builds_nothing(app: Live) -> None:
    app.project.git("reset", "--quiet", "--hard", app.project.first)
    app.project.add("pyproject.toml", "[tool.ruff]\nline-length = 99\n")
    app.project.declare()
    said = app.deploy()
    assert "installing the project itself" not in said.err
    assert "project" not in app.shell("ls /srv/guestbook/current").split()
