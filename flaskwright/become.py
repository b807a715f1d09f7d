"""How a command comes into a release: as the app's user, with its environment and its venv."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .inventory import App

# Becomes a command in a release; gunicorn's settings have the app's environment. One line without
# single quotes: login shells differ.
_BECOME = "; ".join(
    """
import os, runpy, shutil, sys
place, home, *command = sys.argv[1:]
os.chdir(os.path.realpath(place))
settings = runpy.run_path("etc/gunicorn.conf.py")
os.environ.update(pair.split("=", 1) for pair in settings["raw_env"])
venv = os.getcwd() + "/.venv"
path = os.environ["PATH"].split(":")
path = ":".join([venv + "/bin"] * (venv + "/bin" not in path) + path)
os.environ.update(HOME=home, PATH=path, VIRTUAL_ENV=venv, PYTHONDONTWRITEBYTECODE="1")
os.environ.setdefault("FLASK_APP", settings["wsgi_app"])
os.chdir(settings["chdir"])
os.umask(0o077)
absent = "%s: there is no such command: nothing ran" % command[0]
shutil.which(command[0]) or (print(absent, file=sys.stderr), sys.exit(127))
os.execvp(command[0], command)
""".strip().split("\n")
)


def in_current(app: App, *command: str) -> tuple[str, ...]:
    """Return what runs a command in the live release; it has to be started as the app's user."""
    return _becoming(app, f"{app.root}/current", *command)


def in_release(app: App, *command: str) -> tuple[str, ...]:
    """Return the same for the release that the agent makes: it puts its name for `{release}`."""
    return _becoming(app, f"{app.root}/releases/{{release}}", *command)


def _becoming(app: App, place: str, *command: str) -> tuple[str, ...]:
    python = f"{place}/.venv/bin/python"
    return (python, "-I", "-c", _BECOME, place, app.shared_path, *command)
