"""Which workers gunicorn has: those that hosts.toml asks for, else those that suit the app.

Each WebSocket holds a thread, and what Socket.IO knows of a visitor is in one process. Where
eventlet or gevent is installed, Flask-SocketIO takes it, and needs workers of that class.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NamedTuple, Optional, Tuple

    Version = Tuple[int, ...]

    Has = Callable[[str], bool]  # module -> whether it is installed

    class Asked(NamedTuple):
        """The keys of hosts.toml; None where they are not given."""

        worker_class: Optional[str]
        workers: Optional[int]
        threads: Optional[int]


THREADS = (24, 1, 1)  # before it gunicorn's threads drop what they have accepted when they end
NO_EVENTLET = (26,)  # since it gunicorn has no such workers
MANY = 100  # threads; each is made when it is needed


def chosen(asked: Asked, has: Has, version: Version) -> tuple[str, int, int]:
    """Give class, workers and threads for an environment and its gunicorn."""
    worker_class, workers, threads = asked
    lasting = has("flask_socketio") or has("flask_sock")
    name = worker_class or taken_by_socketio(has, version) or "gthread"
    workers = workers or (1 if has("flask_socketio") else 2)
    threads = threads or (MANY if lasting else 4)
    if name == "gthread" and version < THREADS and not lasting:
        name = "sync"
    return name, workers, 1 if name == "sync" else threads  # with threads sync means gthread


def taken_by_socketio(has: Has, version: Version) -> str:
    """Give the class that Flask-SocketIO wants; empty where threads will do."""
    if not has("flask_socketio"):
        return ""
    if has("eventlet"):
        return "eventlet" if version < NO_EVENTLET else ""
    return "gevent" if has("gevent") else ""
