"""What `logs` leaves out: what is said at every start and stop, by whoever says it, and no more."""

import pytest

from flaskwright.agent.processes.routine_lines import is_ordinary

STAMP = "[2026-11-30 19:30:14 +0000] [1219] [INFO] "
SYSTEMD = [
    "Started guestbook@2.service - guestbook: Flask app behind gunicorn (slot 2).",
    "Stopping guestbook@2.service - guestbook: Flask app behind gunicorn (slot 2)...",
    "guestbook@2.service: Deactivated successfully.",
    "guestbook@2.service: Consumed 1.204s CPU time.",
    "Listening on guestbook.socket - guestbook: the listening socket.",
    "a@1.service: Failed to open /etc/systemd/system/a@.service: No such file or directory",
]
GUNICORN = ["Booting worker with pid: 1316", "Handling signal: term", "Hang up: Master"]
TELLING = [
    "guestbook@2.service: Main process exited, code=killed, status=9/KILL",
    "guestbook@2.service: Failed with result 'signal'.",
    "guestbook@2.service: Scheduled restart job, restart counter is at 5.",
]


@pytest.mark.parametrize("line", SYSTEMD)
def test_what_systemd_says_of_every_start(line):
    assert is_ordinary(line, "systemd")
    assert is_ordinary(line)


@pytest.mark.parametrize("line", GUNICORN)
def test_what_gunicorn_says_of_every_start(line):
    assert is_ordinary(STAMP + line, "app")


@pytest.mark.parametrize("line", TELLING)
def test_what_systemd_says_of_an_end_that_nobody_wanted(line):
    assert not is_ordinary(line, "systemd")


@pytest.mark.parametrize("line", ["Started a job", "Hang up: I said so", *SYSTEMD])
def test_what_an_app_says_is_the_app_s(line):
    assert not is_ordinary(line, "app")


def test_nginx_says_that_what_an_app_has_written_is_for_the_app_alone():
    line = '*1 %s() "/srv/book/%s" failed (13: Permission denied), client: 192.0.2.1'
    assert is_ordinary(line % ("openat", "shared/static/uploads/a.jpg"), "nginx")
    assert not is_ordinary(line % ("openat", "current/code/static/a.css"), "nginx")
    assert not is_ordinary("Started guestbook@2.service", "nginx")


def test_what_gunicorn_warns_of():
    assert not is_ordinary("[2026-11-30 19:30:14 +0000] [1] [ERROR] Worker (pid:9) died", "app")
