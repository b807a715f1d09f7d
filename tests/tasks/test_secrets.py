"""The secrets' tasks as they are typed: real `fab`, a file of the operator's, nobody else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAB = Path(sys.executable).with_name("fab")
HOSTS = """
[apps.blog]
repo = "https://git.example.org/blog.git"
secrets = ["MYSQL_AUTH/password"]
plain = ["MYSQL_AUTH/host"]
env = { API_KEY = "secret:WEATHER/key" }

[hosts.pi]
guide = "raspberry-pi"
address = "192.0.2.7"
app = "blog"
keyring = { file = "pi.json" }

[hosts.attic]
guide = "raspberry-pi"
address = "192.0.2.8"
app = "blog"
keyring = { file = "attic.json" }
"""
VALUE = "pa'ss\"wörd $HOME\\n\n☃"


class Operator:
    """Somebody with a hosts.toml of two hosts that are not there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "hosts.toml").write_text(HOSTS)
        self.environment = {
            **os.environ,
            "FLASKWRIGHT_HOSTS": str(directory / "hosts.toml"),
            "INVOKE_RUNTIME_CONFIG": str(ROOT / "fabric.yaml"),
        }
        self.argv = [str(FAB), "-r", str(ROOT), "-H"]

    def fab(self, *words: str, given: str = "", host: str = "pi") -> int:
        """Run a task; returns its exit code."""
        done = subprocess.run(
            [*self.argv, host, *words],
            cwd=ROOT,
            env=self.environment,
            input=given.encode(),
            capture_output=True,
        )
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        return done.returncode

    def typed(self, *answers: str) -> tuple[int, str]:
        """Run `secrets.set` at a terminal; returns its exit code and what it shows."""
        ours, theirs = pty.openpty()
        argv = [*self.argv, "pi", "secrets.set", "MYSQL_AUTH", "password"]
        with subprocess.Popen(
            argv,
            cwd=ROOT,
            env=self.environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        ) as process:
            os.close(theirs)
            shown = b""
            for answer in answers:
                while not shown.endswith(b": "):
                    shown += os.read(ours, 1024)
                os.write(ours, answer.encode() + b"\n")
                shown += os.read(ours, 2)
            shown += _rest(ours)
            return process.wait(), shown.decode()

    def values(self, host: str = "pi") -> object:
        path = self.directory / f"{host}.json"
        return json.loads(path.read_text()) if path.exists() else None


def _rest(terminal: int) -> bytes:
    data = b""
    try:
        while chunk := os.read(terminal, 1024):
            data += chunk
    except OSError:
        pass
    os.close(terminal)
    return data


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


def test_a_value_comes_from_the_standard_input_as_it_is(operator: Operator) -> None:
    assert operator.fab("secrets.set", "MYSQL_AUTH", "password", given=VALUE + "\n") == 0
    assert operator.values() == {"MYSQL_AUTH": {"password": VALUE}}
    assert "/hosts.toml fab -H pi secrets.rotate, if" in operator.err
    assert "wörd" not in operator.out + operator.err


def test_at_a_terminal_it_is_typed_twice_and_unseen(operator: Operator) -> None:
    code, shown = operator.typed("hunter2hunter2", "hunter2hunter2")

    assert code == 0, shown
    assert operator.values() == {"MYSQL_AUTH": {"password": "hunter2hunter2"}}
    assert "hunter2" not in shown


def test_two_different_ones_are_none(operator: Operator) -> None:
    code, shown = operator.typed("hunter2hunter2", "hunter3hunter3")

    assert code == 64
    assert operator.values() is None
    assert "hunter" not in shown


def test_several_hosts_get_it_at_once(operator: Operator) -> None:
    assert operator.fab("secrets.set", "WEATHER", "key", given=VALUE, host="pi,attic") == 0
    assert operator.values("pi") == operator.values("attic") == {"WEATHER": {"key": VALUE}}


def test_one_is_made_up_once(operator: Operator) -> None:
    assert operator.fab("secrets.set", "MYSQL_AUTH", "password", "--generate") == 0
    made = operator.values()
    assert operator.fab("secrets.set", "MYSQL_AUTH", "password", "--generate") == 0

    assert made
    assert operator.values() == made


def test_what_is_kept_here_cannot_be_rehearsed(operator: Operator) -> None:
    assert operator.fab("-R", "secrets.set", "WEATHER", "key", given=VALUE) == 64
    assert operator.values() is None


def test_a_short_one_is_refused(operator: Operator) -> None:
    assert operator.fab("secrets.set", "MYSQL_AUTH", "password", given="12345") == 64
    assert operator.values() is None
    assert "apps.blog.plain" in operator.err


def test_what_no_key_names_is_kept_and_told(operator: Operator) -> None:
    assert operator.fab("secrets.set", "MAIL", "password", given=VALUE) == 0
    assert 'secrets = ["MAIL/password"]' in operator.err


def test_one_is_removed(operator: Operator) -> None:
    operator.fab("secrets.set", "MYSQL_AUTH", "password", given=VALUE)

    assert operator.fab("secrets.remove", "MYSQL_AUTH", "password") == 0
    assert operator.values() == {}
    assert operator.fab("secrets.remove", "MYSQL_AUTH", "password") == 0
    assert "was not in" in operator.out


def test_a_file_of_variables_becomes_entries(operator: Operator, tmp_path: Path) -> None:
    lines = ["MYSQL_AUTH_PASSWORD='one two three'", "API_KEY=abcdefgh", "MYSQL_AUTH_HOST=db"]
    (tmp_path / ".env").write_text("\n".join([*lines, "DEBUG=1"]))

    assert operator.fab("secrets.import", str(tmp_path / ".env")) == 0
    assert operator.values() == {
        "MYSQL_AUTH": {"password": "one two three", "host": "db"},
        "WEATHER": {"key": "abcdefgh"},
    }
    assert operator.out.splitlines() == [
        "pi  MYSQL_AUTH_PASSWORD → MYSQL_AUTH/password",
        "pi  API_KEY → WEATHER/key",
        "pi  MYSQL_AUTH_HOST → MYSQL_AUTH/host",
        "pi  DEBUG → left out: no entry of hosts.toml is called so",
    ]


def test_of_a_bad_file_nothing_is_kept(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_KEY=abcdefgh\nMYSQL_AUTH_PASSWORD=12345\n")

    assert operator.fab("secrets.import", str(tmp_path / ".env")) == 64
    assert operator.values() is None


@pytest.mark.parametrize("task", ["deploy", "secrets.push", "secrets.rotate", "secrets.diff"])
def test_what_is_missing_is_told_before_the_host_is_asked(operator: Operator, task: str) -> None:
    operator.fab("secrets.set", "MYSQL_AUTH", "host", given="db")

    assert operator.fab(task) == 64
    assert "blog on pi has no WEATHER/key, MYSQL_AUTH/password" in operator.err
    assert "fab -H pi secrets.set WEATHER key" in operator.err
