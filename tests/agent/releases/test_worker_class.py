"""Which workers gunicorn has, for what an app has installed."""

import pytest

from flaskwright.agent.releases.worker_class import chosen

NEW, OLD = (27, 0, 1), (23, 0, 0)
NOTHING = (None, None, None)


@pytest.mark.parametrize(
    ("asked", "installed", "version", "wanted"),
    [
        (NOTHING, "flask", NEW, ("gthread", 2, 4)),
        (NOTHING, "flask gevent", NEW, ("gthread", 2, 4)),
        ((None, 3, 5), "flask", NEW, ("gthread", 3, 5)),
        (NOTHING, "flask", OLD, ("sync", 2, 1)),
        (("sync", None, 8), "flask", NEW, ("sync", 2, 1)),
        (("gevent", None, None), "gevent", NEW, ("gevent", 2, 4)),
        (("a.b.C", 1, None), "a", NEW, ("a.b.C", 1, 4)),
        (NOTHING, "flask_sock", NEW, ("gthread", 2, 100)),
        (NOTHING, "flask_sock", OLD, ("gthread", 2, 100)),
        ((None, None, 8), "flask_sock", NEW, ("gthread", 2, 8)),
        (NOTHING, "flask_socketio", NEW, ("gthread", 1, 100)),
        (NOTHING, "flask_socketio gevent", NEW, ("gevent", 1, 100)),
        (NOTHING, "flask_socketio eventlet", (25, 0, 3), ("eventlet", 1, 100)),
        (NOTHING, "flask_socketio eventlet gevent", NEW, ("gthread", 1, 100)),
        (("gthread", 2, 9), "flask_socketio gevent", NEW, ("gthread", 2, 9)),
    ],
)
def test_what_is_asked_for_else_what_suits(asked, installed, version, wanted):
    assert chosen(asked, installed.split().__contains__, version) == wanted
