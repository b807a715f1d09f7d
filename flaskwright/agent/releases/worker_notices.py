"""What is said of gunicorn's workers before they start: what they lack, and what was chosen."""

from __future__ import annotations

import glob
import os

from ..app.distributions import distribution_of
from ..engine.errors import Failed
from .worker_class import MANY, NO_EVENTLET, chosen, taken_by_socketio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .worker_class import Asked


FEW = 20  # threads
ONE_PROCESS = "what it knows of a visitor is in one process"
ADD = 'add a line "%s" to the requirements, commit, and deploy again'
# What a class of workers needs beside gunicorn, and what to require for it.
NEEDED = {"gevent": ("gevent", "packaging"), "geventwebsocket": ("geventwebsocket", "packaging")}
REQUIRED = {"gevent": "gunicorn[gevent]", "packaging": "gunicorn[gevent]"}
KEYS = "`workers`, `threads` in hosts.toml"


class Workers:
    """The workers that a release has in `environment`, asked for by three keys of hosts.toml.

    code: the app's directory, which may have a class of workers of its own. packages: what is
    installed, name -> version.
    """

    def __init__(self, asked: Asked, environment: str, code: str, packages: dict[str, str]) -> None:
        self.worker_class, self.workers, self.threads = asked
        self.places = glob.glob(os.path.join(environment, "lib", "python*", "site-packages"))
        self.code = code
        self.gunicorn = packages.get("gunicorn", "")
        self.version = tuple(int(part) for part in self.gunicorn.split(".") if part.isdigit())
        self.chosen = chosen(asked, self.has, self.version)

    def has(self, module: str) -> bool:
        """Tell whether a module is installed."""
        return any(_is_in(place, module) for place in self.places)

    def must_be_there(self) -> None:
        """Raise Failed where the environment lacks a module that the worker class needs."""
        name, asked = self.chosen[0], '`worker_class = "%s"` in hosts.toml' % self.chosen[0]
        module = name.split(".")[0]
        if module in ("gthread", "sync") or ("." in name and _is_in(self.code, module)):
            return
        who = asked if self.worker_class else "Flask-SocketIO, which takes %s," % name
        for needed in NEEDED.get(module, (module,)):
            if not self.has(needed):
                what = "%s is not installed" % needed
                add = REQUIRED.get(needed) or distribution_of(needed)
                raise Failed(what, "%s needs it" % who, next=ADD % add)
        if name == "eventlet" and self.version >= NO_EVENTLET:
            what = "gunicorn %s has no workers of eventlet" % self.gunicorn
            raise Failed(what, "%s needs a gunicorn before 26" % who, next=ADD % "gunicorn<26")

    def told(self) -> list[str]:
        """Give a line for each thing about the workers that a person should know."""
        has_socketio, has_sock = self.has("flask_socketio"), self.has("flask_sock")
        lines = self._of_socketio() if has_socketio else []
        if self.chosen[0] not in ("gthread", "sync"):
            return lines
        if has_sock and not has_socketio and not self.threads:
            text = "Flask-Sock: %d threads in each worker, since each WebSocket holds one"
            lines.append(text % self.chosen[2])
        return lines + (self._of_few_threads() if has_socketio or has_sock else [])

    def _of_socketio(self) -> list[str]:
        name, workers, threads = self.chosen
        taken = taken_by_socketio(self.has, self.version)
        if self.has("eventlet") and self.version >= NO_EVENTLET:
            return [
                "Flask-SocketIO takes eventlet, which is installed, and gunicorn %s has no workers "
                "of it: take eventlet out of the requirements, or add gunicorn<26" % self.gunicorn
            ]
        if taken and name in ("gthread", "sync"):
            return [
                "Flask-SocketIO takes %s, which is installed, and does not work in workers of %s: "
                "leave `worker_class` in hosts.toml out" % (taken, name)
            ]
        if workers > 1:
            return [
                "Flask-SocketIO with workers = %d: %s, so polling fails; leave `workers` in "
                "hosts.toml out, or have clients use WebSockets alone" % (workers, ONE_PROCESS)
            ]
        if self.workers and (self.threads or taken):
            return []
        of = " of %s" % name if taken else " with %d threads" % threads
        return ["Flask-SocketIO: 1 worker%s, since %s (%s)" % (of, ONE_PROCESS, KEYS)]

    def _of_few_threads(self) -> list[str]:
        _, workers, threads = self.chosen
        if threads >= FEW:
            return []
        text = "each WebSocket holds a thread, and %d leave none for pages: try `threads = %d`"
        return [text % (workers * threads, MANY)]


def _is_in(place: str, module: str) -> bool:
    path = os.path.join(place, module)
    return os.path.isdir(path) or os.path.exists(path + ".py")
