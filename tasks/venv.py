"""The virtual environment: Flask, gunicorn and what the app requires, never with sudo pip."""

from flaskwright import (
    Host,
    Resources,
    operation,
    step,
)
from flaskwright.resources.processes import TryApp
from flaskwright.resources.system import Packages
from flaskwright.resources.venvs import Requirements, Venv

from . import git, release


@step
def install(host: Host) -> Resources:
    """Install what makes virtual environments (apt-get install python3-venv)."""
    yield Packages(("python3-venv",))


@step
def create(host: Host) -> Resources:
    """Create the virtual environment, under the hash of interpreter and requirements."""
    app = host.declared_app
    yield from install.resources(host)
    yield from release.users(host)
    yield from git.clone.resources(host)
    yield Venv(app.builder, app.python, app.directory, app.requirements)


@step
def requirements(host: Host) -> Resources:
    """Install what the app requires, Flask and gunicorn (pip install -r requirements.txt)."""
    app = host.declared_app
    yield from create.resources(host)
    yield Requirements(app.builder, app.python, app.directory, app.requirements)


@operation()
def by_hand(host: Host) -> Resources:
    """Run the live release by hand once (python3 app.py), on a private socket, and ask it."""
    app = host.declared_app
    yield TryApp("flask", app.health.path, app.health.status)
