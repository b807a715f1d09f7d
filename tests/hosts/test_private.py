"""Repositories that are not for everybody: by agent, by deploy key, by token."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import sandbox
from tests.sshd import Sshd, make_key

from .conftest import Shell, bridge
from .gitservers import TokenServer
from .project import APP, Project, Said, table

NAME = "tls-private"
TOKEN = "glpat-Kk3x9QwErTy7"  # what a leak would look like
SSH = """
Host *
  IdentityFile {host.identity}
  IdentitiesOnly yes
  ForwardAgent {forward}
  UserKnownHostsFile {host.known_hosts} {directory}/known_hosts
"""
KEYRING = """
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 1
    set_password = None
    def get_password(self, service, username):
        with open({path!r}) as file:
            entries = dict(line.rstrip("\\n").split("=", 1) for line in file)
        return entries.get(service + "/" + username)
"""


@dataclass
class Private:
    """A project whose repository is elsewhere, behind a login."""

    project: Project
    address: str

    def fab(self, url: str, *words: str, **environment: str) -> Said:
        keys = {"guide": "raspberry-pi", "app": "guestbook", "address": self.address, "user": "pi"}
        here = self.project.directory
        app = table("apps.guestbook", APP | {"repo": url, "ref": "main"})
        self.project.write(app + table("hosts.pi", keys))
        environment.setdefault("SSH_AUTH_SOCK", "")
        environment |= {"PYTHON_KEYRING_BACKEND": "keys.Keyring", "PYTHONPATH": str(here)}
        return self.project.fab("-S", str(here / "ssh"), "-H", "pi", *words, **environment)

    def configure(self, forward: str = "no") -> None:
        here = self.project.directory
        text = SSH.format(host=sandbox.host(NAME), directory=here, forward=forward)
        (here / "ssh").write_text(text)

    def keep(self, **entries: str) -> None:
        """Fill the operator's keyring."""
        lines = [f"{name}={value}\n" for name, value in entries.items()]
        (self.project.directory / "entries").write_text("".join(lines))


@pytest.fixture(scope="module")
def private(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Private]:
    directory = tmp_path_factory.mktemp("private")
    project = Project(directory, NAME)
    host = sandbox.up(NAME)
    (directory / "keys.py").write_text(KEYRING.format(path=str(directory / "entries")))
    private = Private(project, host.address)
    private.configure()
    private.keep()
    yield private
    sandbox.down(NAME)


@pytest.fixture
def commit(private: Private) -> str:
    """A commit that the host cannot have yet."""
    return private.project.commit("another")


@pytest.fixture(scope="module")
def server(private: Private) -> Iterator[Sshd]:
    """An ssh server on the bridge that only known keys may use."""
    sshd = Sshd(private.project.directory / "sshd", (f"ListenAddress {bridge()}",)).start()
    (sshd.directory / "authorized_keys").write_text("")
    yield sshd
    sshd.stop()


@pytest.fixture
def ssh_url(private: Private, server: Sshd) -> str:
    """The repository at that server, whose key the operator trusts."""
    known = private.project.directory / "known_hosts"
    known.write_text(f"[{bridge()}]:{server.port} {server.host_key()}\n")
    return f"ssh://root@{bridge()}:{server.port}{private.project.app}"


@dataclass
class Watch:
    """Looks at every process of this machine, and so of its hosts, each 10 ms, for a text."""

    text: bytes
    found: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)
    looks: int = 0

    def __enter__(self) -> Watch:
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.ended.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.ended.wait(0.01):
            self.looks += 1
            for pid in filter(str.isdigit, os.listdir("/proc")):
                for name in ("cmdline", "environ"):
                    self._look(Path("/proc") / pid / name)

    def _look(self, path: Path) -> None:
        try:
            if self.text in path.read_bytes():
                self.found.add(str(path))
        except OSError:
            return


def test_a_key_that_the_operator_does_not_know_is_not_trusted(
    private: Private, ssh_url: str
) -> None:
    (private.project.directory / "known_hosts").write_text("")
    said = private.fab(ssh_url, "git.clone")
    assert said.code == 1, str(said)
    assert "neither you nor root on the host knows the key of its server" in said.err
    assert "ssh -T git@SERVER" in said.err


def test_a_server_with_another_key_is_not_asked(private: Private, ssh_url: str) -> None:
    known = private.project.directory / "known_hosts"
    other = make_key(private.project.directory / "other").with_suffix(".pub").read_text()
    known.write_text(f"{known.read_text().split()[0]} {other}")
    said = private.fab(ssh_url, "git.clone")
    assert said.code == 1, str(said)
    assert "its server shows another key than the one that is trusted" in said.err


def wait_for_file(path: Path) -> None:
    """Wait until a program that was started has made its socket."""
    until = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_operator_s_agent(
    private: Private, ssh_url: str, server: Sshd, commit: str, tmp_path: Path
) -> None:
    key = make_key(tmp_path / "agent-key")
    (server.directory / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(tmp_path / "agent")])
    try:
        wait_for_file(tmp_path / "agent")
        subprocess.run(
            ["ssh-add", str(key)], env={**os.environ, "SSH_AUTH_SOCK": str(tmp_path / "agent")},
            check=True, capture_output=True,
        )  # fmt: skip
        shut = private.fab(ssh_url, "git.clone", SSH_AUTH_SOCK=str(tmp_path / "agent"))
        assert shut.code == 1, "an agent that is not forwarded opened it"
        private.configure(forward="yes")
        said = private.fab(ssh_url, "git.clone", SSH_AUTH_SOCK=str(tmp_path / "agent"))
        assert said.code == 0, str(said)
    finally:
        agent.terminate()
        agent.wait()
        private.configure()
    shell = Shell(sandbox.host(NAME))
    kept = f"sudo git --git-dir=/srv/guestbook/repo.git rev-parse refs/flaskwright/{commit}"
    assert shell(kept).strip() == commit


def test_a_deploy_key(private: Private, ssh_url: str, server: Sshd, commit: str) -> None:
    (server.directory / "authorized_keys").write_text("")
    assert private.fab(ssh_url, "git.deploy-key", "--dry-run").code == 2
    made = private.fab(ssh_url, "git.deploy-key")
    assert made.code == 0, str(made)
    public = made.out.partition("public key: ")[2]
    assert public.startswith("ssh-ed25519 ")
    assert private.fab(ssh_url, "git.deploy-key").out == made.out
    shell = Shell(sandbox.host(NAME))
    key = "/var/lib/flaskwright/guestbook/deploy-key"
    assert shell(f"sudo stat -c '%U %a' {key}").split() == ["root", "600"]
    shut = private.fab(ssh_url, "git.clone")
    assert shut.code == 1, str(shut)
    assert "wants a login" in shut.err
    assert "add the key that git.deploy-key shows to the repository" in shut.err
    (server.directory / "authorized_keys").write_text(public)
    said = private.fab(ssh_url, "git.clone")
    assert said.code == 0, str(said)
    assert "nothing to do" in private.fab(ssh_url, "git.clone").err


@pytest.fixture(scope="module")
def tokens(private: Private) -> Iterator[TokenServer]:
    """A server that wants a token, and whose certificate the host trusts."""
    server = TokenServer(private.project.directory, bridge(), TOKEN)
    shell = Shell(sandbox.host(NAME))
    certificate = server.certificate.read_text()
    place = "/usr/local/share/ca-certificates/git.crt"
    shell(f"printf '%s' '{certificate}' | sudo tee {place} && sudo update-ca-certificates")
    yield server
    server.shutdown()
    server.server_close()


def test_a_token_that_nobody_sees(private: Private, tokens: TokenServer, commit: str) -> None:
    url = f"https://{tokens.name}/app/.git"
    without = private.fab(url, "git.clone")
    assert without.code == 1, str(without)
    assert f"keyring set flaskwright/{tokens.name} git" in without.err
    private.keep(**{f"flaskwright/{tokens.name}/git": TOKEN})
    unasked = private.fab(url, "git.clone")
    assert unasked.code == 64, str(unasked)
    assert f"a token for {tokens.name}: may ssh://pi@{private.address} have it?" in unasked.err
    assert "fab -H pi secrets.allow" in unasked.err
    assert private.fab(url, "secrets.allow", "--yes").code == 0
    with Watch(TOKEN.encode()) as watch:
        said = private.fab(url, "git.clone", "--json")
    assert said.code == 0, str(said)
    assert tokens.seen[-1] == f"x-access-token:{TOKEN}"
    assert watch.looks > 5
    assert watch.found == set()
    assert TOKEN not in said.out + said.err
    shell = Shell(sandbox.host(NAME))
    places = "/etc /home /root /run /srv /tmp /var"
    spelled = f"[{TOKEN[0]}]{TOKEN[1:]}"  # sudo writes our own command lines down
    assert shell(f"sudo grep -raEl -e '{spelled}' {places} 2>/dev/null", check=False) == ""
    assert shell(f"sudo journalctl | grep -E -e '{spelled}'", check=False) == ""


def test_a_token_with_its_user(private: Private, tokens: TokenServer, commit: str) -> None:
    private.keep(**{f"flaskwright/{tokens.name}/git": f"robot:{TOKEN}"})
    said = private.fab(f"https://{tokens.name}/app/.git", "git.clone")
    assert said.code == 0, str(said)
    assert tokens.seen[-1] == f"robot:{TOKEN}"


def test_a_token_that_is_refused_is_not_shown(
    private: Private, tokens: TokenServer, commit: str
) -> None:
    private.keep(**{f"flaskwright/{tokens.name}/git": "wrong-token-1234"})
    said = private.fab(f"https://{tokens.name}/app/.git", "git.clone")
    assert said.code == 1, str(said)
    assert "refuses the token in your keyring" in said.err
    assert "wrong-token-1234" not in said.out + said.err
    private.keep(**{f"flaskwright/{tokens.name}/git": TOKEN})
    assert private.fab(f"https://{tokens.name}/app/.git", "git.clone").code == 0
