"""A stranger's hosts.toml where somebody types `./fab`: the real one, and no host."""

from __future__ import annotations

import os
import pty
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.git_repository import GitRepository

ROOT = Path(__file__).parents[2]
HOSTS = """
[apps.blog]
repo = "app"
secrets = ["MYSQL_AUTH/password"]

[hosts.pi]
guide = "raspberry-pi"
address = "127.0.0.1"
port = 9
app = "blog"
domain = "blog.example.org"
keyring = { command = "touch MARKER" }
acme = { server = "https://ca.example.org/dir", ca = "ca.pem" }
"""
PLAIN = """
[apps.blog]
repo = "https://git.example.org/blog.git"

[hosts.pi]
guide = "raspberry-pi"
address = "127.0.0.1"
port = 9
app = "blog"
"""
MODULES = ("json", "venv", "pip", "ensurepip", "keyring", "fabric", "invoke", "tasks", "guides")


@dataclass
class Clone:
    """A stranger's repository, cloned, and what `./fab` says in it."""

    directory: Path
    marker: Path
    environment: dict[str, str]
    out: str = ""
    err: str = ""

    def fab(self, *words: str, **more: str) -> int:
        """Type `./fab`; returns the exit code."""
        done = subprocess.run(
            [str(ROOT / "fab"), *words],
            cwd=self.directory,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        self.out, self.err = done.stdout, done.stderr
        return done.returncode

    def answered(self, answer: str, *words: str) -> tuple[int, str]:
        """Type it at a terminal, and answer; returns the exit code and what is shown."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [str(ROOT / "fab"), *words], cwd=self.directory, env=self.environment,
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        ) as process:  # fmt: skip
            os.close(theirs)
            shown = b""
            while not shown.endswith(b"Type yes:\r\n"):
                shown += os.read(ours, 4096)
            os.write(ours, f"{answer}\n".encode())
            code = process.wait()
            shown += os.read(ours, 65536)
        os.close(ours)
        return code, shown.decode()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    directory, marker = tmp_path / "clone", tmp_path / "marker"
    GitRepository(directory / "app").commit({"app.py": "1"})
    (directory / "hosts.toml").write_text(HOSTS.replace("MARKER", str(marker)))
    (directory / "ca.pem").write_text("no certificate")
    environment = {name: text for name, text in os.environ.items() if name != "FLASKWRIGHT_HOSTS"}
    return Clone(directory, marker, environment | {"XDG_STATE_HOME": str(tmp_path / "state")})


@pytest.mark.parametrize(
    "words",
    [
        ("--list",),
        ("--help",),
        ("--help", "deploy"),
        ("--complete", "--", "-H", "pi", "dep"),
        ("--print-completion-script", "bash"),
        ("hosts.list",),
    ],
    ids=" ".join,
)
def test_what_asks_no_host_runs_nothing(clone, words):
    assert clone.fab(*words) == 0
    assert not clone.marker.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("status",), 5),
        (("logs",), 5),
        (("releases",), 5),
        (("secrets.list",), 64),
        (("deploy", "--dry-run"), 64),
        (("deploy",), 64),
        (("setup", "--dry-run"), 64),
        (("git.clone",), 64),
        (("certs.status",), 64),
        (("secrets.push",), 64),
        (("secrets.remove", "MYSQL_AUTH", "password"), 64),
    ],
    ids=str,
)
def test_nothing_runs_before_the_file_is_trusted(clone, words, code):
    assert clone.fab("-H", "pi", *words) == code, clone.err  # 5: there is no such host
    assert not clone.marker.exists()
    assert ("/fab config.trust" in clone.err) == (code == 64)


def test_the_command_shows_all_of_it_asks_and_is_said_once(clone):
    clone.directory = clone.directory / "app"
    assert clone.fab("config.trust") == 64
    top = clone.directory.parent
    login = "ssh://127.0.0.1:9"
    for line in (
        f"{top}/hosts.toml was found on the way",
        f"reads the git repository {top}/app/.git, and sends a commit of it to {login}",
        f"runs `touch {clone.marker}` for the secrets of {login}",
        f"reads the certificates in {top}/ca.pem, and sends them to {login}",
        "--yes",
    ):
        assert line in clone.err

    assert clone.answered("no", "config.trust")[0] == 64
    code, shown = clone.answered("yes", "config.trust")
    assert (code, "is trusted" in shown) == (0, True)
    assert not clone.marker.exists()
    assert clone.fab("config.trust") == 0
    assert "you have said so" in clone.out

    clone.fab("-H", "pi", "secrets.list")
    assert clone.marker.exists()


def test_a_key_that_says_else_is_asked_again(clone):
    assert clone.fab("config.trust", "--yes") == 0
    path = clone.directory / "hosts.toml"
    path.write_text(path.read_text().replace("touch ", "touch -c "))

    assert clone.fab("-H", "pi", "secrets.list") == 64
    assert "has changed" in clone.err


def test_what_is_named_needs_no_word(clone):
    path = clone.directory / "hosts.toml"
    assert clone.fab("config.trust", FLASKWRIGHT_HOSTS=str(path)) == 0
    clone.fab("-H", "pi", "secrets.list", FLASKWRIGHT_HOSTS=str(path))
    assert clone.marker.exists()


def test_keys_that_run_and_read_nothing_work_without_trust(clone):
    (clone.directory / "hosts.toml").write_text(PLAIN)
    for words in (("status",), ("deploy", "--dry-run"), ("deploy",)):
        assert clone.fab("-H", "pi", *words) == 5, clone.err
        assert "the connection was refused" in clone.err


def test_a_throw_away_host_is_not_booted_for_a_stranger(clone, tmp_path):
    text = PLAIN.replace('address = "127.0.0.1"\nport = 9', "sandbox = {}")
    (clone.directory / "hosts.toml").write_text(text)
    for words in (("deploy",), ("deploy", "--dry-run"), ("setup",)):
        assert clone.fab("-H", "pi", *words, FLASKWRIGHT_SANDBOX=str(tmp_path / "lab")) == 64
        assert "boot a throw-away host on this machine, as root" in clone.err
    assert not (tmp_path / "lab" / "hosts" / "pi").exists()


def test_python_takes_nothing_from_the_directory(clone):
    for name in MODULES:
        (clone.directory / f"{name}.py").write_text(f"open({str(clone.marker)!r}, 'w')")
    for path in ("", ":", ".", f":{ROOT}", f"{ROOT}:", f".:{ROOT}:below", "below"):
        assert clone.fab("--list", PYTHONPATH=path) == 0, clone.err
        assert not clone.marker.exists(), path


def test_what_somebody_has_in_pythonpath_stays(clone, tmp_path):
    (tmp_path / "own").mkdir()
    own = "import keyring.backend\nclass Own(keyring.backend.KeyringBackend):\n    priority = 1\n"
    (tmp_path / "own" / "own_backend.py").write_text(
        f"{own}    set_password = None\n    def get_password(self, service, username):\n"
        f"        open({str(clone.marker)!r}, 'w')\n"
    )
    (clone.directory / "hosts.toml").write_text(PLAIN.replace('.git"', '.git"\nsecrets = ["A/b"]'))
    more = {"PYTHONPATH": f":{tmp_path}/own", "PYTHON_KEYRING_BACKEND": "own_backend.Own"}
    assert clone.fab("config.trust", "--yes") == 0

    assert clone.fab("-H", "pi", "secrets.push", **more) == 64
    assert "has no A/b" in clone.err
    assert clone.marker.exists()


def test_the_keyring_stays_shut_for_a_stranger(clone, tmp_path):
    (clone.directory / "hosts.toml").write_text(PLAIN.replace('.git"', '.git"\nsecrets = ["A/b"]'))
    (tmp_path / "shut.py").write_text(f"open({str(clone.marker)!r}, 'w')")
    more = {"PYTHONPATH": str(tmp_path), "PYTHON_KEYRING_BACKEND": "shut.Shut"}

    for words in (("secrets.push",), ("secrets.list",), ("deploy",), ("status",)):
        clone.fab("-H", "pi", *words, **more)
        assert not clone.marker.exists(), words
    assert clone.fab("-H", "pi", "secrets.push", **more) == 64
    assert "would open your keyring for ssh://127.0.0.1:9" in clone.err
