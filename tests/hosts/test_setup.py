"""In two acts: the host is prepared; later an app comes that says nothing of what it requires."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import guides
import sandbox

from .conftest import PREFIX, Shell, on
from .project import Project
from .visitor import page

pytestmark = on("trixie")

NOTHING = {"certs.hsts", "secrets.push"}  # which this host, without either, has nothing of
SETUP = {step.full_name for step in guides.raspberry_pi.GUIDE.steps("setup")}


@pytest.fixture(scope="module")
def project(suite: str, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose host is not there yet, and whose app lists no requirements."""
    project = Project(tmp_path_factory.mktemp("setup"), f"{PREFIX}-setup", suite)
    project.git("rm", "--quiet", "requirements.txt")
    project.commit("no requirements")
    yield project
    sandbox.down(project.name)


def test_setup_prepares_the_host(project: Project) -> None:
    assert project.on_host("setup").code == 0
    done = {step for step, state in project.steps().items() if state == "done"}
    assert done == SETUP | NOTHING
    assert project.on_host("setup", "--dry-run").code == 0
    assert "default_server" in Shell(sandbox.host(project.name))("cat /etc/nginx/sites-enabled/*")


def test_deploy_does_the_rest(project: Project) -> None:
    assert project.on_host("deploy", "--dry-run").code == 2
    said = project.on_host("deploy")
    assert said.code == 0, str(said)
    assert "no requirements found: Flask and gunicorn" in said.err
    host = sandbox.host(project.name)
    assert "Guestbook" in page(host.address)
    packages = Shell(host)("ls /srv/guestbook/current/.venv/lib/python3*/site-packages")
    assert {"flask", "gunicorn"} < set(packages.split())
    assert set(project.steps().values()) == {"done"}
