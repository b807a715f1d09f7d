"""How a command comes into a release: as the app's user, with its environment and its venv."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inventory import App

# Goes into a release; $0 is the place, then come HOME and what goes on from there.
_ENTER = (
    'home=$1 code=$2; shift 2; cd -P "$0" || exit; '
    'set -- "$PWD/.venv/bin/python" -I -c "$code" "$PWD" "$home" "$@"; '
    '[ ! -e etc/launch ] || . ./etc/launch; exec "$@"'
)
# Becomes the command, with the variables that are filled from the keyring. A release of an earlier
# version has its environment in gunicorn's settings, and no VIRTUAL_ENV so far.
_BECOME = "; ".join(
    """
import os, runpy, shutil, sys
place, home, *command = sys.argv[1:]
os.chdir(place)
venv = place + "/.venv"
settings = runpy.run_path("etc/gunicorn.conf.py")
os.environ.update(pair.split("=", 1) for pair in settings.get("raw_env", ()))
path = venv + "/bin:" + os.environ["PATH"]
old = dict(HOME=home, PATH=path, VIRTUAL_ENV=venv, PYTHONDONTWRITEBYTECODE="1")
"VIRTUAL_ENV" in os.environ or os.environ.update(old)
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
    return _becoming(app, app.place.current, *command)


def in_release(app: App, *command: str) -> tuple[str, ...]:
    """Return the same as format strings: the agent knows the `{release}` that it makes."""
    return _becoming(app, app.place.release("{release}"), *command)


def _becoming(app: App, place: str, *command: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", _ENTER, place, app.place.shared, _BECOME, *command)
