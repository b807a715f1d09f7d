"""A command in a release: its place, its environment, its venv."""

import subprocess
import sys

import pytest

from flaskwright import become
from flaskwright.agent import commandadvice
from flaskwright.agent.advice import Facts
from flaskwright.inventory import App

APP = App("blog", repo=".")
SETTINGS = """
import os
wsgi_app = "app:app"
chdir = os.getcwd() + "/code"
raw_env = ["DATABASE=a=b"]
"""


@pytest.fixture
def release(tmp_path):
    """A release with an interpreter of its own."""
    for path in ("etc", "code", ".venv/bin"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "etc" / "gunicorn.conf.py").write_text(SETTINGS)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return tmp_path


def test_a_command_runs_in_the_apps_directory_with_its_environment(release):
    place = "/srv/blog/releases/20261120"
    argv = become.in_release(APP, "sh", "-c", "pwd; echo $DATABASE $FLASK_APP $HOME; umask", "{x}")
    argv = [word.replace("{release}", "20261120").replace(place, str(release)) for word in argv]

    done = subprocess.run(argv, capture_output=True, text=True, check=True)

    said = [f"{release}/code", "a=b app:app /srv/blog/shared", "0077"]
    assert done.stdout.splitlines() == said


def test_the_live_release_is_found_by_its_link():
    argv = become.in_current(APP, "true")

    assert argv[0] == "/srv/blog/current/.venv/bin/python"
    assert argv[-3:] == ("/srv/blog/current", "/srv/blog/shared", "true")
    assert not any("'" in word or "\n" in word for word in argv)


def test_a_command_that_is_not_there_is_named(release):
    place = "/srv/blog/releases/{release}"
    argv = [word.replace(place, str(release)) for word in become.in_release(APP, "flsk", "db")]

    done = subprocess.run(argv, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (127, "flsk: there is no such command: nothing ran\n")
    assert commandadvice.never_ran(done.stderr.splitlines())
    answer = commandadvice.explained(done.stderr.splitlines(), Facts())
    assert "neither in the app's environment nor on the host" in answer.why
