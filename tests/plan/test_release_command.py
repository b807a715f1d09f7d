"""A command in a release: its place, its environment, its venv."""

import subprocess
import sys

import pytest

from flaskwright.agent.app.advice import Facts
from flaskwright.agent.releases import command_failures
from flaskwright.inventory import App
from flaskwright.plan import release_command

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


def run(release, *command):
    """Run a command as the agent does; it fills in the release's name."""
    place = "/srv/blog/releases/20261120"
    words = [word.format(release="20261120") for word in release_command.in_release(APP, *command)]
    argv = [word.replace(place, str(release)) for word in words]
    return subprocess.run(argv, capture_output=True, text=True)


def test_a_command_starts_with_the_releases_environment(release):
    """It is there before the interpreter: PYTHONPATH, LD_PRELOAD and the like have their effect."""
    settings = release / "etc" / "gunicorn.conf.py"
    settings.write_text('import os\nwsgi_app, chdir = "x:y", os.getcwd() + "/code"\n')
    (release / "etc" / "launch").write_text(
        'export PYTHONPATH=lib VIRTUAL_ENV="$PWD/.venv" FLASK_APP=app:app\ncd code\nexec "$@"\n'
    )

    script = "import os, sys; print(sys.path[1], os.environ['FLASK_APP'], *sys.argv[1:])"
    done = run(release, sys.executable, "-c", script, "{{x}} {release}")

    assert done.stdout.split() == [f"{release}/code/lib", "app:app", "{x}", "20261120"]


def test_a_release_of_an_earlier_version_has_it_in_gunicorns_settings(release):
    done = run(release, "sh", "-c", "pwd; echo $DATABASE $FLASK_APP $HOME; umask")

    said = [f"{release}/code", "a=b app:app /srv/blog/shared", "0077"]
    assert done.stdout.splitlines() == said


def test_the_live_release_is_found_by_its_link():
    argv = release_command.in_current(APP, "true")

    assert (argv[3], argv[4], argv[-1]) == ("/srv/blog/current", "/srv/blog/shared", "true")
    assert not any("'" in word or "\n" in word for word in argv)


def test_a_command_that_is_not_there_is_named(release):
    done = run(release, "flsk", "db")

    assert (done.returncode, done.stderr) == (127, "flsk: there is no such command: nothing ran\n")
    assert command_failures.never_ran(done.stderr.splitlines())
    answer = command_failures.explained(done.stderr.splitlines(), Facts())
    assert "neither in the app's environment nor on the host" in answer.why
