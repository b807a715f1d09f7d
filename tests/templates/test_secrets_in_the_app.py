"""The files of a release by which the app reads its secrets, in a process as gunicorn starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flaskwright.plan.templates import hiding_files, rendered, workers_file
from tests.hosts_file import host_in

VALUE = "pa'ss\"wörd $HOME\\n\n☃"
GIVEN = {
    "entries": {"MYSQL_AUTH": {"user": VALUE, "host": "localhost"}, "WEATHER": {"key": "ab-cd-ef"}},
    "plain": ["MYSQL_AUTH/host"],
}
START = """
import json, os, sys
settings = os.path.dirname(os.environ["VIRTUAL_ENV"]) + "/etc/gunicorn.conf.py"
exec(open(settings).read(), {"__file__": settings})
"""


class Release:
    """A release whose app names secrets; it is run with what systemd would hand over."""

    def __init__(self, directory: Path, app: str = 'secrets = ["MYSQL_AUTH/user"]') -> None:
        self.directory = directory / "releases" / "one"
        (directory / "credentials").mkdir()
        (directory / "credentials" / "keyring").write_text(json.dumps(GIVEN))
        host = host_in(directory, app=app)
        assert host.app
        env = {**host.app.env, "API_KEY": "secret:WEATHER/key"}
        host = replace(host, app=replace(host.app, env=env))
        for path, module in (*hiding_files(), workers_file()):
            self._write(path, module.content)
        (self.directory / "code" / "web").mkdir(parents=True)
        for name in ("launch", "gunicorn.conf.py", "keyring/flaskwright_keyring.py"):
            text = rendered(f"srv/{{app}}/current/etc/{name}", host)
            self._write(f"etc/{name}", text)
        (directory / "gunicorn").mkdir()
        (directory / "gunicorn" / "__init__.py").write_text("version_info = (27, 0, 1)\n")
        (directory / "gunicorn" / "errors.py").write_text("class HaltServer(Exception): pass\n")
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(directory),
            "CREDENTIALS_DIRECTORY": str(directory / "credentials"),
        }

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a script that goes on from gunicorn's settings."""
        return subprocess.run(
            ["sh", "-c", ". ./etc/launch", "sh", sys.executable, "-c", START + script],
            cwd=self.directory,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
        )

    def told(self, expression: str) -> Any:
        """Return what an expression is there; it goes past all that hides."""
        done = self.run(
            f"import keyring\nsys.__stdout__.buffer.write(json.dumps({expression}).encode())"
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _write(self, path: str, text: str) -> None:
        place = self.directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path)


def test_the_app_reads_them_as_it_reads_any_keyring(release: Release) -> None:
    assert release.told('keyring.get_password("MYSQL_AUTH", "user")') == VALUE
    assert release.told('keyring.get_password("MYSQL_AUTH", "nobody")') is None
    assert release.told('keyring.get_password("MAIL", "user")') is None


@pytest.mark.parametrize("name", ["None", '"user"'])
def test_an_entry_with_its_user(release: Release, name: str) -> None:
    found = f'keyring.get_credential("MYSQL_AUTH", {name})'
    assert release.told(f"[{found}.username, {found}.password]") == ["user", VALUE]


def test_no_other_backend_wins(release: Release) -> None:
    told = release.told("type(keyring.get_keyring()).__module__")
    assert told == "flaskwright_keyring"


@pytest.mark.parametrize("act", ['set_password("A", "b", "c")', 'delete_password("A", "b")'])
def test_the_app_cannot_change_them(release: Release, act: str) -> None:
    done = release.run(f"import keyring\nkeyring.{act}")
    assert "secrets are kept by whoever deploys" in done.stderr


def test_outside_of_its_service_there_are_none(release: Release) -> None:
    script = "import keyring\nkeyring.get_password('MYSQL_AUTH', 'user')"
    done = release.run(script, CREDENTIALS_DIRECTORY="/nowhere")
    assert "only the service has its secrets" in done.stderr


def test_a_variable_is_filled_within_the_process(release: Release) -> None:
    assert release.told('os.environ["API_KEY"]') == "ab-cd-ef"
    assert "ab-cd-ef" not in (release.directory / "etc" / "gunicorn.conf.py").read_text()


def test_what_the_app_prints_of_them_is_hidden(release: Release) -> None:
    done = release.run(f"print({VALUE!r})\nprint('at localhost')\nraise RuntimeError({VALUE!r})")

    assert done.stdout == "[hidden]\nat localhost\n"
    assert "RuntimeError: [hidden]" in done.stderr.splitlines()
    assert "wörd" not in done.stderr.replace(repr(VALUE), "")


def test_a_program_of_the_app_has_the_keyring_too(release: Release) -> None:
    script = 'import keyring; print(len(keyring.get_password("MYSQL_AUTH", "user")))'
    done = release.run(f"import subprocess\nsubprocess.run([sys.executable, '-c', {script!r}])")
    assert done.stdout.strip() == str(len(VALUE))


def test_settings_read_again_change_nothing(release: Release) -> None:
    look = "\nprint(len(sys.path), type(sys.stderr._stream).__name__)"
    again = START.strip().split("\n")[-1]
    assert release.run(again + look).stdout == release.run(look).stdout


def test_an_app_with_variables_alone_needs_no_keyring(tmp_path: Path) -> None:
    release = Release(tmp_path, app="")
    assert release.told('os.environ.get("PYTHON_KEYRING_BACKEND")') is None
    assert release.told('os.environ["API_KEY"]') == "ab-cd-ef"
