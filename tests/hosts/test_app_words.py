"""What env, placeholders, health, shared files and pins of an app mean on a host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Live, on
from .typed import typed
from .visitor import ask

pytestmark = on("bookworm", whole=["trixie"])

APP = Path(__file__).parent / "apps" / "words.py"
SECRET = "correct-horse-battery"
GIVEN = {"FLASKWRIGHT_WORDS_WEATHER_KEY": SECRET}
KEYRING = {"environment": "FLASKWRIGHT_WORDS_"}
NOTES = "/srv/guestbook/shared/notes"
NOTE = "python words.py"
KEYS: dict[str, Any] = {
    "wsgi": "words:app",
    "health": {"path": "/", "status": [200, 401]},
    "shared": ["uploads/"],
    "env": {
        "NOTES": "{shared}/notes",
        "WHICH": "{release} of {{words}}",
        "ODD": 'it\'s "$HOME" `id` \\ *',
        "API_KEY": "secret:WEATHER/key",
        "PYTHONPATH": "libs",
        "PYTHONWARNINGS": "ignore::ImportWarning",
        "PYTHONUNBUFFERED": "1",
        "LD_LIBRARY_PATH": "/opt/words/lib",
    },
    "migrate": f"{NOTE} migrate",
    "hooks": {
        "before_switch": f"{NOTE} before_switch",
        "after_commit": "sh -c 'echo {release} {{}} > {shared}/notes/after; "
        f"{NOTE} after_commit'",
    },
}
# What differs from the service's, and why.
OF_UNITS = {  # each unit has its own of systemd
    "CREDENTIALS_DIRECTORY", "INVOCATION_ID", "JOURNAL_STREAM", "MEMORY_PRESSURE_WATCH",
    "MEMORY_PRESSURE_WRITE", "SYSTEMD_EXEC_PID",
}  # fmt: skip
OF_GUNICORN = {  # the socket that it is given, who is told that it is ready, what it says of itself
    "FLASKWRIGHT_CANARY", "FLASKWRIGHT_READY", "FLASKWRIGHT_SLOT", "LISTEN_FDNAMES", "LISTEN_FDS",
    "LISTEN_PID", "SERVER_SOFTWARE",
}  # fmt: skip
OF_SHELLS = {"OLDPWD", "PWD", "SHLVL", "_"}  # whatever a shell starts has them
OF_TERMINALS = {"COLUMNS", "LINES", "TERM"}
MEANT = OF_UNITS | OF_GUNICORN | OF_SHELLS | OF_TERMINALS
PLACES = ("migrate", "before_switch", "after_commit", "run", "shell")


@pytest.fixture(scope="module")
def words(live: Live) -> Live:
    """The app, deployed, with what each of its commands has noted."""
    project = live.project
    (project.app / "words.py").write_text(APP.read_text())
    project.add("libs/greeting.py", 'TEXT = "hello"\n')
    project.add("uploads/logo.png", "first")
    project.declare({"keyring": KEYRING}, **KEYS)
    deploy(live)
    assert project.on_host("run", f"{NOTE} run", **GIVEN).code == 0
    assert typed(live, f"{NOTE} shell", "exit 7").code == 7
    return live


def deploy(live: Live, code: int = 0) -> str:
    """Deploy; returns all that was said."""
    said = live.project.on_host("deploy", **GIVEN)
    assert said.code == code, str(said)
    return said.out + said.err


def noted(live: Live, name: str) -> dict[str, Any]:
    """Return what a process of the app has found."""
    found: dict[str, Any] = json.loads(live.shell(f"sudo cat {NOTES}/{name}.json"))
    return found


def test_each_process_of_the_app_finds_the_same(words: Live) -> None:
    service = noted(words, "service")
    for name in ("canary", *PLACES):
        found = noted(words, name)
        both = found["environment"], service["environment"]
        differing = {key for key in {**both[0], **both[1]} if both[0].get(key) != both[1].get(key)}
        assert differing <= MEANT, f"{name}: {sorted(differing - MEANT)}"
        for what in ("places", "warnings", "interpreter", "directory", "greeting"):
            assert found[what] == service[what], f"{name}: {what}"


def test_it_has_what_hosts_toml_says_from_the_start(words: Live) -> None:
    found, release = noted(words, "service"), words.current()
    place = f"/srv/guestbook/releases/{release}"
    given = {
        "NOTES": NOTES,
        "WHICH": f"{release} of {{words}}",
        "ODD": KEYS["env"]["ODD"],
        "API_KEY": SECRET,
        "LD_LIBRARY_PATH": "/opt/words/lib",
    }
    assert given.items() <= found["environment"].items()
    assert f"{place}/.venv/bin" in found["environment"]["PATH"].split(":")[:2]
    assert found["warnings"] == ["ignore::ImportWarning"]
    assert found["places"][:2] == [f"{place}/code", f"{place}/code/libs"]
    assert words.shell(f"sudo cat {NOTES}/after") == f"{release} {{}}\n"


def test_a_secret_in_it_is_in_no_list_of_processes_unit_or_manifest(words: Live) -> None:
    assert SECRET not in words.shell("ps axeww -o args; systemctl show 'guestbook@*'")
    places = "/srv/guestbook /etc /run/systemd /var/lib/flaskwright"
    found = words.shell(f"sudo grep -rlF {SECRET} {places} --exclude-dir=notes || true")
    assert found == ""


def test_a_second_deploy_changes_nothing(words: Live) -> None:
    said = words.project.on_host("deploy", "--dry-run", **GIVEN)
    assert said.code == 0, str(said)
    assert "nothing to do" in deploy(words)


def test_a_redirect_is_followed_and_what_is_not_expected_is_told(words: Live) -> None:
    live = words.current()
    words.project.change("words.py", "LOGIN = 401", "LOGIN = 500")

    said = deploy(words, code=1)

    assert "/ leads to /login, which answers 500" in said
    assert "| Who are you?" in said and "| Nobody knows" in said
    assert words.current() == live
    verified = words.project.on_host("verify", **GIVEN)
    assert verified.code == 0, str(verified)
    assert f"http://{words.address}/ from this machine: 302" in verified.out
    words.project.change("words.py", 'redirect("/login?next=/")', 'redirect("/")')
    assert "/ leads to / again" in deploy(words, code=1)
    words.project.git("reset", "--quiet", "--hard", "HEAD~2")


def test_a_shared_file_that_changes_in_a_commit_is_told_and_can_be_taken(words: Live) -> None:
    logo = "sudo cat /srv/guestbook/shared/uploads/logo.png"
    assert words.shell(logo) == "first"
    words.project.add("uploads/logo.png", "second")
    words.project.add("uploads/new.txt", "new")

    said = deploy(words)

    take = "cp ../seed/uploads/logo.png uploads/logo.png"
    assert "uploads/logo.png: changed in this commit; the shared one stays as it is; " in said
    assert f'run "{take}"' in " ".join(said.replace("\\\n", "").split())
    assert words.shell(logo) == "first"
    assert words.shell("sudo cat /srv/guestbook/shared/uploads/new.txt") == "new"
    assert words.project.on_host("run", take, **GIVEN).code == 0
    assert words.shell(logo) == "second"
    assert "changed in this commit" not in deploy(words)


def test_after_a_rollback_it_is_the_releases_own(words: Live) -> None:
    said = words.project.on_host("rollback", **GIVEN)
    assert said.code == 0, str(said)

    words.shell(f"sudo rm {NOTES}/run.json")
    assert words.project.on_host("run", f"{NOTE} run", **GIVEN).code == 0

    for name in ("service", "run"):
        environment = noted(words, name)["environment"]
        assert environment["WHICH"] == f"{words.current()} of {{words}}"


def test_a_gunicorn_that_cannot_be_started_is_refused_before_anything_is_built(words: Live) -> None:
    live, venvs = words.current(), words.shell("ls /srv/guestbook/venvs")
    words.project.add("requirements.txt", "flask\ngunicorn==20.0.4\n")

    said = deploy(words, code=1)

    assert "requirements.txt asks for gunicorn==20.0.4, and 20.1 is the first" in said
    assert "write gunicorn>=20.1 in requirements.txt" in said
    assert words.shell("ls /srv/guestbook/venvs") == venvs
    assert words.current() == live
    words.project.git("reset", "--quiet", "--hard", "HEAD^")


@pytest.mark.long
def test_the_oldest_gunicorn_that_is_taken_serves(words: Live) -> None:
    words.project.add("requirements.txt", "flask\ngunicorn==20.1.0\nsetuptools<81\n")
    deploy(words)


def test_the_machines_own_name_answers(words: Live) -> None:
    """avahi tells NAME.local, whatever the machine is called today."""
    name = words.shell("hostname").strip()
    for host in (words.address, name, f"{name}.local", "other-2.local"):
        answer = ask(words.address, host=host)
        assert answer is not None, host
        assert answer.status == 302
    assert ask(words.address, host="other.example.org") is None
    words.project.declare(
        {"keyring": KEYRING, "domain": "words.test", "tls": {"off": True}}, **KEYS
    )
    deploy(words)
    answer = ask(words.address, "/a?b=c", host=f"{name}.local")
    assert answer is not None
    assert (answer.status, answer.headers["Location"]) == (302, "http://words.test/a?b=c")
    assert ask(words.address, host=words.address) is None
