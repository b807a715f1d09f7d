"""Two certbots at once: the locks are certbot's own, and nobody comes in between."""

import fcntl
import os
import subprocess
import sys

import pytest

from flaskwright.agent.certs import certbot, certbot_lock
from flaskwright.agent.certs.certbot_lock import BUSY, locked

# As certbot does it: lock, work until stdin ends, remove the file, let go.
CERTBOT = """
import fcntl, os, sys
for place in sys.argv[1:]:
    path = os.path.join(place, ".certbot.lock")
    file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("at work", flush=True)
sys.stdin.read()
for place in sys.argv[1:]:
    os.remove(os.path.join(place, ".certbot.lock"))
"""


@pytest.fixture
def places(tmp_path, monkeypatch):
    """certbot's directories; one of the three is not there yet."""
    found = [str(tmp_path / name) for name in ("log", "etc", "lib")]
    for place in found[:2]:
        os.mkdir(place)
    monkeypatch.setattr(certbot_lock, "DIRECTORIES", tuple(found))
    return found[:2]


def start(argv):
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ended(process):
    process.communicate("")
    return process.returncode


def test_certbot_finds_the_locks_taken_by_itself(places):
    one = start(locked([sys.executable, "-c", CERTBOT, *places]))

    assert one.stdout.readline() == "at work\n"
    assert subprocess.run(locked(["true"])).returncode == BUSY
    assert ended(one) == 0
    assert subprocess.run(locked(["true"])).returncode == 0


@pytest.mark.parametrize("which", [0, 1])
def test_another_certbot_is_known_by_any_of_its_locks(places, which):
    other = start([sys.executable, "-c", CERTBOT, places[which]])
    other.stdout.readline()

    assert subprocess.run(locked(["true"])).returncode == BUSY
    assert ended(other) == 0
    assert subprocess.run(locked(["true"])).returncode == 0


def test_its_own_failures_are_not_taken_for_another_one(places):
    said = "Another instance of Certbot is already running."
    done = subprocess.run(locked(["sh", "-c", f"echo '{said}' >&2; exit 1"]), stderr=-1, text=True)

    assert (done.returncode, done.stderr.strip()) == (1, said)


def test_it_waits_for_another_one_and_then_is_started(run, operator, places, tmp_path, monkeypatch):
    (tmp_path / "certbot").write_text("#!/bin/sh\necho done: $1\n")
    (tmp_path / "certbot").chmod(0o755)
    monkeypatch.setattr("flaskwright.agent.engine.command.PATH", f"{tmp_path}:/usr/bin:/bin")
    other = start([sys.executable, "-c", CERTBOT, *places])
    other.stdout.readline()
    monkeypatch.setattr(run, "pause", lambda seconds: ended(other))

    assert certbot.certbot(run, "renew").lines == ["done: renew"]
    told = [event.get("text") for event in operator.events()]
    assert told.count("waiting for another certbot") == 1


def test_one_that_does_not_end_is_not_waited_for_for_ever(run, places, monkeypatch):
    monkeypatch.setattr(certbot, "PATIENCE", -1.0)
    with open(os.path.join(places[0], ".certbot.lock"), "w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        with pytest.raises(certbot.Failed, match="another certbot is at work and does not end"):
            certbot.certbot(run, "renew")
