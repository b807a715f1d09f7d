"""gunicorn's settings as gunicorn reads them: by themselves, in the release, in their own process.

gunicorn itself, its workers and systemd are those of the tests on real hosts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flaskwright.plan.templates import rendered, workers_file
from tests.hosts_file import host_in

RELEASE = "20261120-100000-aaaaaaa"
PATH = "srv/{app}/current/etc/gunicorn.conf.py"
START = """
import json, os, sys, types
settings = {"__file__": "etc/gunicorn.conf.py"}
exec(open("etc/gunicorn.conf.py").read(), settings)
server = types.SimpleNamespace(WORKERS={}, num_workers=2, worker_age=2)
def app(environ, start_response):
    start_response(status, [])
    said.append(environ)
    return [b""]
def worker(age, pid=0, booted=True):
    return types.SimpleNamespace(age=age, pid=pid, wsgi=app, booted=booted)
status, said = "200 OK", []
"""


class Settings:
    """The settings of a release, with a `gunicorn` that has no more than they ask of it."""

    def __init__(
        self, directory: Path, version: str = "(27, 0, 1)", app: str = "workers = 2\nthreads = 3"
    ) -> None:
        self.release = directory / "releases" / RELEASE
        (self.release / "etc").mkdir(parents=True)
        name, workers = workers_file()
        (self.release / name).write_text(workers.content)
        text = rendered(PATH, host_in(directory, app=app))
        text = text.replace('"/run/', f'"{directory}/')
        (self.release / "etc" / "gunicorn.conf.py").write_text(text)
        (directory / "gunicorn").mkdir()
        (directory / "gunicorn" / "__init__.py").write_text(f"version_info = {version}\n")
        (directory / "gunicorn" / "errors.py").write_text("class HaltServer(Exception): pass\n")
        os.mkfifo(directory / "ready")
        self.pipe = os.open(directory / "ready", os.O_RDWR | os.O_NONBLOCK)
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(directory),
            "FLASKWRIGHT_READY": str(self.pipe),
            "FLASKWRIGHT_SLOT": "blog@2",
        }

    def run(self, script: str) -> Any:
        """Run a script that goes on from there; gives what it has printed last, as JSON."""
        done = subprocess.run(
            [sys.executable, "-c", START + script],
            cwd=self.release,
            env=self.environment,
            pass_fds=[self.pipe],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return json.loads(done.stdout) if done.stdout else None

    def heard(self) -> list[str]:
        """What the command that starts or reloads it was told since."""
        try:
            return os.read(self.pipe, 65536).decode().splitlines()
        except BlockingIOError:
            return []


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(tmp_path)
    yield settings
    os.close(settings.pipe)


def value(settings: Settings, name: str) -> Any:
    return settings.run(f"print(json.dumps(settings[{name!r}]))")


def test_they_are_about_the_release_that_they_are_read_in(settings: Settings) -> None:
    assert value(settings, "chdir") == f"{settings.release}/code/web"


def test_where_gunicorns_script_is_are_no_modules(settings: Settings) -> None:
    settings.environment["PYTHONPATH"] += f":{settings.release}/.venv/bin"

    places = settings.run("print(json.dumps(sys.path))")

    assert not {"", f"{settings.release}/.venv/bin"} & set(places)
    assert str(settings.release.parents[1]) in places


@pytest.mark.parametrize(("canary", "workers"), [(False, 2), (True, 1)])
def test_a_canary_has_one_worker(settings: Settings, canary: bool, workers: int) -> None:
    if canary:
        settings.environment["FLASKWRIGHT_CANARY"] = "1"

    assert value(settings, "workers") == workers


@pytest.mark.parametrize(
    ("version", "worker_class", "threads"),
    [("(24, 1, 0)", "sync", 1), ("(24, 1, 1)", "gthread", 3)],
)
def test_a_gunicorn_that_drops_requests_gets_no_threads(
    tmp_path: Path, version: str, worker_class: str, threads: int
) -> None:
    settings = Settings(tmp_path, version)

    assert value(settings, "threads") == threads
    assert value(settings, "worker_class") == worker_class


def test_what_is_installed_says_which_workers_there_are(tmp_path: Path) -> None:
    settings = Settings(tmp_path, app="")
    (tmp_path / "flask_socketio.py").write_text("raise RuntimeError('it is not imported')\n")

    chosen = settings.run(
        "print(json.dumps([settings[n] for n in ('worker_class', 'workers', 'threads')]))"
    )

    assert chosen == ["gthread", 1, 100]


@pytest.mark.parametrize(("silence", "timeout"), [(10, 30), (60, 65), (600, 605)])
def test_no_worker_is_ended_before_nginx_has_given_up(
    tmp_path: Path, silence: int, timeout: int
) -> None:
    settings = Settings(tmp_path, app=f"request_timeout = {silence}")

    assert value(settings, "timeout") == timeout


VISIT = """
from wsgiref.util import setup_testing_defaults
def app(environ, start_response):
    said.append({key: str(value) for key, value in environ.items()})
    start_response("200 OK", headers)
    return [b""]
def visit(**fields):
    environ, answered = {"REMOTE_ADDR": "", **fields}, []
    setup_testing_defaults(environ)
    booted = types.SimpleNamespace(age=1, pid=0, wsgi=app)
    settings["post_worker_init"](booted)
    booted.wsgi(environ, lambda status, headers, exc_info=None: answered.extend(headers))
    return [said[-1]["REMOTE_ADDR"], said[-1]["wsgi.url_scheme"], answered]
headers = []
"""


def test_the_app_is_told_who_visits_as_nginx_says(settings: Settings) -> None:
    visited = settings.run(
        VISIT + "print(json.dumps(visit(HTTP_X_REAL_IP='2001:db8::7', "
        "HTTP_X_FORWARDED_FOR='6.6.6.6', HTTP_X_FORWARDED_PROTO='https')))"
    )

    assert visited == ["2001:db8::7", "https", []]


def test_who_comes_past_nginx_is_nobody(settings: Settings) -> None:
    assert settings.run(VISIT + "print(json.dumps(visit()))") == ["", "http", []]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ([["Content-Type", "text/event-stream; charset=utf-8"]], True),
        ([["content-type", "multipart/x-mixed-replace; boundary=frame"]], True),
        ([["Content-Type", "text/html"]], False),
        ([], False),
    ],
)
def test_nginx_is_told_not_to_collect_a_stream(
    settings: Settings, headers: list[list[str]], told: bool
) -> None:
    answered = settings.run(VISIT + f"headers = {headers}; print(json.dumps(visit()[2]))")

    assert answered == [["X-Accel-Buffering", "no"]] * told + headers


def test_the_last_worker_to_boot_says_that_all_is_ready(settings: Settings) -> None:
    settings.run("settings['post_worker_init'](worker(1))")
    assert settings.heard() == []

    settings.run("for age in (1, 2): settings['post_worker_init'](worker(age))")
    assert settings.heard() == ["ready"]


def test_a_worker_that_takes_the_place_of_another_says_nothing(settings: Settings) -> None:
    settings.run("for age in (1, 2, 3, 4): settings['post_worker_init'](worker(age))")

    assert settings.heard() == ["ready"]


def test_where_nobody_reads_nothing_waits(settings: Settings) -> None:
    os.write(settings.pipe, b"x" * 65536)

    settings.run("for age in (1, 2): settings['post_worker_init'](worker(age))")


def test_a_gunicorn_that_ends_ends_the_wait_for_it(settings: Settings) -> None:
    settings.run("settings['on_exit'](server)")

    assert settings.heard() == ["ended"]


def test_at_boot_the_app_is_not_asked(settings: Settings) -> None:
    settings.run("settings['post_worker_init'](worker(1)); assert not said")


def test_in_a_cut_over_each_worker_is_asked_with_what_the_proxy_sends(settings: Settings) -> None:
    (settings.release.parents[1] / "blog@2.next").symlink_to(settings.release)
    script = "settings['post_worker_init'](worker(1)); print(json.dumps(said[0], default=str))"

    asked = settings.run(script)

    assert (asked["PATH_INFO"], asked["HTTP_HOST"]) == ("/", "192.0.2.7")
    assert (asked["REMOTE_ADDR"], asked["HTTP_X_FORWARDED_PROTO"]) == ("127.0.0.1", "http")
    assert asked["REQUEST_METHOD"] == "GET"


def test_a_worker_that_is_not_well_does_not_boot_in_a_cut_over(settings: Settings) -> None:
    (settings.release.parents[1] / "blog@2.next").symlink_to(settings.release)

    said = settings.run(
        "status = '500 Oops'\n"
        "try: settings['post_worker_init'](worker(1))\n"
        "except RuntimeError as error: print(json.dumps(str(error)))"
    )

    assert said == "/ answers 500 Oops"
    assert settings.heard() == []


def test_one_that_comes_after_all_have_booted_is_not_asked(settings: Settings) -> None:
    (settings.release.parents[1] / "blog@2.next").symlink_to(settings.release)

    count = settings.run(
        "for age in (1, 2, 3): settings['post_worker_init'](worker(age))\nprint(len(said))"
    )

    assert count == 2


def test_a_canary_is_asked_by_us_and_not_by_itself(settings: Settings) -> None:
    settings.environment["FLASKWRIGHT_CANARY"] = "1"
    (settings.release.parents[1] / "blog@2.next").symlink_to(settings.release)

    assert settings.run("settings['post_worker_init'](worker(1)); print(len(said))") == 0
    assert len(settings.heard()) == 1


RELOAD = """
import subprocess
old = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
server.WORKERS = {each.pid: worker(age + 1, each.pid) for age, each in enumerate(old)}
for age in (1, 2): settings['post_worker_init'](worker(age))
settings['on_reload'](server)
settings['_booted'][:] = bytes(4096)  # the settings are read anew
"""


def test_a_reload_keeps_the_old_workers_until_all_new_ones_are_well(settings: Settings) -> None:
    ended = settings.run(
        RELOAD + "now = [server.num_workers]\n"
        "settings['post_worker_init'](worker(3))\n"
        "now.append([each.poll() for each in old])\n"
        "settings['post_worker_init'](worker(4))\n"
        "now.append([each.wait(5) for each in old])\n"
        "for each in old: settings['child_exit'](server, server.WORKERS[each.pid])\n"
        "now.append(server.num_workers)\n"
        "print(json.dumps(now))"
    )

    assert ended == [4, [None, None], [-15, -15], 2]
    assert settings.heard() == ["ready", "ready"]  # of the start, and of the reload


def test_a_reload_goes_back_to_the_old_workers_where_a_new_one_does_not_boot(
    settings: Settings,
) -> None:
    ages = settings.run(
        RELOAD + "settings['child_exit'](server, worker(3, 77, booted=False))\n"
        "print(json.dumps([server.num_workers, [w.age for w in server.WORKERS.values()]]))\n"
        "for each in old: each.kill()"
    )

    assert ages == [2, [3, 4]]  # gunicorn ends those that have the least age
    assert settings.heard()[-1] == "refused"


@pytest.mark.parametrize(("reload", "status"), [(RELOAD, 1), ("old = []\n", 3)])
def test_a_worker_that_does_not_boot_in_a_reload_does_not_end_its_master(
    settings: Settings, reload: str, status: int
) -> None:
    script = (
        f"{reload}for each in old: each.kill()\n"
        "settings['worker_exit'](server, worker(3, booted=False)); os._exit(3)"
    )

    with pytest.raises(subprocess.CalledProcessError) as ended:
        settings.run(script)

    assert ended.value.returncode == status


@pytest.mark.parametrize(("booted", "ended"), [("", True), ("3", False), ("3, 4", False)])
def test_a_first_worker_that_does_not_boot_ends_gunicorn_which_would_try_for_ever(
    settings: Settings, booted: str, ended: bool
) -> None:
    told = settings.run(
        f"for age in [{booted}]: settings['post_worker_init'](worker(age))\n"
        "halted = False\n"
        "try: settings['child_exit'](server, worker(4 if said else 3, 77))\n"
        "except settings['HaltServer']: halted = True\n"
        "print(json.dumps(halted))"
    )

    assert told is ended


@pytest.mark.parametrize(
    ("left", "cause", "ends"),
    [
        ("", "StopIteration", True),
        ("1", "StopIteration", False),
        ("", "settings['HaltServer']", False),
    ],
)
def test_gunicorn_ends_with_its_last_worker_when_it_is_told_to_end(
    settings: Settings, left: str, cause: str, ends: bool
) -> None:
    went_on = settings.run(
        "for age in (1, 2): settings['post_worker_init'](worker(age))\n"
        f"server.WORKERS = dict.fromkeys([{left}])\n"
        f"try: raise {cause}\n"
        "except Exception: settings['child_exit'](server, worker(1, 77))\n"
        "print(json.dumps(True))"
    )

    assert (went_on is None) is ends


THREAD = "import threading; threading.Thread(target=threading.Event().wait).start()\n"


def test_a_worker_ends_while_a_thread_still_has_a_socket(settings: Settings) -> None:
    began = time.monotonic()

    settings.run(
        f"{THREAD}ending = worker(3); ending.nr_conns = 1\nsettings['worker_exit'](server, ending)"
    )

    assert time.monotonic() - began < 10


def test_a_worker_that_answers_nobody_ends_as_the_app_has_it(settings: Settings) -> None:
    said = settings.run(
        "import atexit, time\n"
        "atexit.register(lambda: (time.sleep(1.5), print(json.dumps('flushed'))))\n"
        "settings['worker_exit'](server, worker(3))"
    )

    assert said == "flushed"
