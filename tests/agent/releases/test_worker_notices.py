"""What is said of workers, from what lies in an environment."""

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.releases.worker_notices import Workers

GUNICORN = "27.0.1"


@pytest.fixture
def environment(tmp_path):
    """An environment, and the app's own directory beside it."""
    (tmp_path / "venv/lib/python3.11/site-packages").mkdir(parents=True)
    (tmp_path / "code").mkdir()
    return tmp_path


def workers(place, installed="", gunicorn=GUNICORN, asked=(None, None, None)):
    for module in installed.split():
        (place / "venv/lib/python3.11/site-packages" / module).mkdir(exist_ok=True)
    packages = {"gunicorn": gunicorn}
    return Workers(asked, str(place / "venv"), str(place / "code"), packages)


@pytest.mark.parametrize(
    ("name", "installed", "gunicorn", "what", "advice"),
    [
        ("gevent", "", GUNICORN, "gevent is not installed", '"gunicorn[gevent]"'),
        ("gevent", "gevent", GUNICORN, "packaging is not installed", '"gunicorn[gevent]"'),
        ("eventlet", "", GUNICORN, "eventlet is not installed", '"eventlet"'),
        ("eventlet", "eventlet", GUNICORN, "gunicorn 27.0.1 has no workers", '"gunicorn<26"'),
        ("geventwebsocket.gunicorn.workers.GeventWebSocketWorker", "", GUNICORN,
         "geventwebsocket is not installed", '"gevent-websocket"'),
        ("myworker.Worker", "", GUNICORN, "myworker is not installed", '"myworker"'),
    ],
)  # fmt: skip
def test_a_class_that_is_not_installed_is_refused_with_the_line_to_add(
    environment, name, installed, gunicorn, what, advice
):
    with pytest.raises(Failed) as failed:
        workers(environment, installed, gunicorn, (name, None, None)).must_be_there()

    assert what in failed.value.what
    assert f'`worker_class = "{name}"` in hosts.toml' in failed.value.why
    assert advice in failed.value.next


@pytest.mark.parametrize(
    ("name", "installed", "gunicorn"),
    [
        (None, "", GUNICORN),
        ("gthread", "", GUNICORN),
        ("sync", "", GUNICORN),
        ("gevent", "gevent packaging", GUNICORN),
        ("eventlet", "eventlet", "25.0.3"),
        ("gunicorn.workers.sync.SyncWorker", "gunicorn", GUNICORN),
        ("own.Worker", "", GUNICORN),
    ],
)
def test_a_class_that_is_there_passes(environment, name, installed, gunicorn):
    (environment / "code/own.py").touch()

    workers(environment, installed, gunicorn, (name, None, None)).must_be_there()


def test_what_flask_socketio_takes_has_to_be_whole(environment):
    with pytest.raises(Failed) as failed:
        workers(environment, "flask_socketio gevent").must_be_there()

    assert failed.value.why == "Flask-SocketIO, which takes gevent, needs it"


@pytest.mark.parametrize(
    ("asked", "installed", "gunicorn", "said"),
    [
        ((None, None, None), "flask", GUNICORN, []),
        ((None, None, None), "flask_socketio", GUNICORN, ["1 worker with 100 threads, since"]),
        ((None, None, None), "flask_socketio gevent", GUNICORN, ["1 worker of gevent, since"]),
        ((None, None, None), "flask_socketio eventlet", "25.0.3", ["1 worker of eventlet"]),
        ((None, None, None), "flask_socketio eventlet", GUNICORN, ["or add gunicorn<26"]),
        ((None, 3, None), "flask_socketio", GUNICORN, ["workers = 3: what it knows"]),
        ((None, 1, 50), "flask_socketio", GUNICORN, []),
        (("gthread", 1, 50), "flask_socketio gevent", GUNICORN, ["does not work in workers of"]),
        ((None, 1, 4), "flask_socketio", GUNICORN, ["holds a thread, and 4 leave none"]),
        ((None, None, None), "flask_sock", GUNICORN, ["Flask-Sock: 100 threads"]),
        ((None, None, 4), "flask_sock", GUNICORN, ["holds a thread, and 8 leave none"]),
        (("gevent", None, None), "flask_sock gevent", GUNICORN, []),
    ],
)
def test_what_was_chosen_and_what_will_not_do_is_told(
    environment, asked, installed, gunicorn, said
):
    told = workers(environment, installed, gunicorn, asked).told()

    assert len(told) == len(said)
    assert all(part in line for part, line in zip(said, told, strict=True)), told
