"""The strict connection against real servers."""

from __future__ import annotations

import getpass
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import fabric
import pytest
from fabric import Config

from flaskwright.errors import Unreachable
from flaskwright.inventory import Host, Inventory
from flaskwright.ssh import connection as module
from flaskwright.ssh import keepalive, meanwhile, tcp
from flaskwright.ssh.connection import Connection
from tasks.hosts import offered
from tests.sshd import Sshd, free_port, make_key, ssh_config

Connect = Callable[..., Connection]


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    server = Sshd(tmp_path_factory.mktemp("sshd")).start()
    server.trusted()
    yield server
    server.stop()


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Sshd]:
    server = Sshd(tmp_path / "gateway").start()
    yield server
    server.stop()


@pytest.fixture
def connect(sshd: Sshd, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Make connections to the sshd, with changes to the host and to Fabric's configuration."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    made = []

    def make(config: dict[str, object] | None = None, **changes: object) -> Connection:
        fields = {
            "address": "127.0.0.1",
            "user": getpass.getuser(),
            "port": sshd.port,
            "identity": sshd.identity,
            "known_hosts": sshd.known_hosts,
        }
        host = Host("pi", **{**fields, **changes})
        overrides = {"ssh_config_path": os.devnull, **(config or {})}
        made.append(Connection(host, Config(overrides=overrides)))
        return made[-1]

    yield make
    for each in made:
        each.close()


def refusal(connection: Connection) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        connection.open()
    assert not connection.is_connected
    return caught.value


def test_a_known_host(connect: Connect) -> None:
    connection = connect()
    assert connection.run("echo hello", hide=True, in_stream=False).stdout == "hello\n"
    assert connection.host.name == "pi"
    assert hash(connection) == hash(connect())


def test_a_name_of_ssh_config_is_in_no_url(connect: Connect, tmp_path: Path) -> None:
    """Only ssh of this machine knows it; a browser is sent to where that leads."""
    config = tmp_path / "config"
    config.write_text("Host mypi\n    HostName 127.0.0.1\n")
    asked = {"ssh_config_path": str(config)}
    assert connect(asked, address="mypi").host.url == "http://127.0.0.1/"
    assert connect(asked, address="127.0.0.1").host.found == ""


def test_what_was_begun_meanwhile_is_the_connection(connect: Connect) -> None:
    connection = connect()
    sessions: list[object] = []
    connection.open_meanwhile(lambda: sessions.append(connection.create_session()))
    connection.open()
    transport = connection.transport
    assert len(sessions) == 1
    connection.open()
    assert connection.is_connected
    assert connection.transport is transport


def test_why_it_failed_meanwhile_is_told_at_its_use(connect: Connect, tmp_path: Path) -> None:
    connection = connect(known_hosts=tmp_path / "missing")
    connection.open_meanwhile(lambda: None)
    assert "is not known" in refusal(connection).what


def test_dead_links_are_noticed(connect: Connect) -> None:
    connection = connect()
    connection.open()
    sock = connection.transport.sock
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == tcp.UNACKNOWLEDGED
    assert connection.transport.packetizer._Packetizer__keepalive_interval == module.KEEPALIVE


def test_hashed_names(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    file = sshd.trusted(tmp_path / "hashed")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    connect(known_hosts=file).open()


def test_the_known_type_of_key_is_asked_for(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"[127.0.0.1]:{sshd.port} {sshd.host_key('rsa')}\n")
    connect(known_hosts=file).open()


def test_an_unknown_key(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    error = refusal(connect(known_hosts=tmp_path / "missing"))
    assert error.what == f"the host key of [127.0.0.1]:{sshd.port} is not known"
    assert "SHA256:" in error.log[0]
    assert error.next == "./fab -H pi hosts.trust"


def test_a_changed_key(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other").with_suffix(".pub").read_text()
    file = tmp_path / "known_hosts"
    file.write_text(f"[127.0.0.1]:{sshd.port} {other}")
    error = refusal(connect(known_hosts=file))
    assert error.what.endswith("has changed; nothing was sent")
    known, shown = (line.split("SHA256:")[1] for line in error.log)
    assert known != shown
    assert f"ssh-keygen -R '[127.0.0.1]:{sshd.port}'" in error.next


def test_a_revoked_key(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    file = sshd.trusted(tmp_path / "known_hosts")
    with file.open("a") as stream:
        stream.write(f"@revoked * {sshd.host_key()}\n")
    assert "revokes" in refusal(connect(known_hosts=file)).what


def test_an_authority_is_said_to_be_of_no_use(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"@cert-authority * {sshd.host_key()}\n")
    assert "@cert-authority" in refusal(connect(known_hosts=file)).why


def test_a_server_offers_keys_of_every_type(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    keys = offered(connect(known_hosts=tmp_path / "missing"))
    assert [key.type for key in keys] == ["ssh-ed25519", "ssh-rsa"]
    for key, kind in zip(keys, ("ed25519", "rsa"), strict=True):
        public = sshd.directory / f"host_{kind}.pub"
        said = subprocess.run(
            ["ssh-keygen", "-lf", str(public)], capture_output=True, text=True, check=True
        )
        assert said.stdout.split()[1] == key.fingerprint


def test_a_refused_key(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    mine = make_key(tmp_path / "mine")
    error = refusal(connect(identity=mine))
    assert error.what == f"{getpass.getuser()}@127.0.0.1 refused the login"
    assert [line.split()[0] for line in error.log] == [str(mine)]
    assert error.next == f"ssh-copy-id -p {sshd.port} {getpass.getuser()}@127.0.0.1"


def test_a_key_that_is_not_there(connect: Connect, tmp_path: Path) -> None:
    error = refusal(connect(identity=tmp_path / "missing"))
    assert error.log == (f"{tmp_path}/missing  there is no such file",)


@pytest.fixture
def locked(sshd: Sshd, tmp_path: Path) -> Iterator[Path]:
    """A key with the passphrase `open sesame`, which the sshd takes."""
    key = make_key(tmp_path / "locked", passphrase="open sesame")
    authorized = sshd.directory / "authorized_keys"
    before = authorized.read_text()
    authorized.write_text(before + key.with_suffix(".pub").read_text())
    yield key
    authorized.write_text(before)


def test_a_locked_key(connect: Connect, locked: Path) -> None:
    error = refusal(connect(identity=locked))
    assert error.log == (f"{locked}  is locked with a passphrase",)
    assert error.next == f"ssh-add {locked}, or --prompt-for-passphrase"


def test_a_passphrase_opens_it(connect: Connect, locked: Path) -> None:
    connect({"connect_kwargs": {"passphrase": "open sesame"}}, identity=locked).open()


def test_a_wrong_passphrase(connect: Connect, locked: Path) -> None:
    error = refusal(connect({"connect_kwargs": {"passphrase": "wrong"}}, identity=locked))
    assert error.log[0].startswith(f"{locked}  cannot be used: ")


def test_an_agent_opens_it(
    connect: Connect, locked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with agent(tmp_path / "agent") as sock:
        monkeypatch.setenv("SSH_AUTH_SOCK", sock)
        monkeypatch.setenv("SSH_ASKPASS_REQUIRE", "force")
        monkeypatch.setenv("SSH_ASKPASS", str(askpass(tmp_path, "open sesame")))
        subprocess.run(["ssh-add", "-q", str(locked)], check=True, stdin=subprocess.DEVNULL)
        connect(identity=locked).open()


class agent:  # noqa: N801 - reads as a statement
    """A real ssh-agent for a `with`."""

    def __init__(self, sock: Path) -> None:
        self.sock = str(sock)

    def __enter__(self) -> str:
        self.process = subprocess.Popen(
            ["ssh-agent", "-D", "-a", self.sock], stdout=subprocess.DEVNULL
        )
        while not os.path.exists(self.sock):
            assert self.process.poll() is None
        return self.sock

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        self.process.wait()


def askpass(directory: Path, secret: str) -> Path:
    path = directory / "askpass"
    path.write_text(f"#!/bin/sh\necho '{secret}'\n")
    path.chmod(0o700)
    return path


def test_a_password_is_wanted(tmp_path: Path, connect: Connect) -> None:
    server = Sshd(tmp_path / "password", ("PasswordAuthentication yes",))
    server.start()
    try:
        config = ssh_config(tmp_path / "config", ("pi", server, ""))
        server.trusted()
        server.identity.unlink()
        changes = {"address": "pi", "port": None, "identity": None, "known_hosts": None}
        error = refusal(connect({"ssh_config_path": str(config)}, **changes))
        assert "--prompt-for-login-password" in error.next
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("address", "words"),
    [("no-such-host.invalid", "does not resolve"), ("127.0.0.1", "refused")],
)
def test_nobody_there(connect: Connect, address: str, words: str) -> None:
    assert words in refusal(connect(address=address, port=free_port())).what


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_something_that_is_not_ssh(connect: Connect, answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        error = refusal(connect(port=server.getsockname()[1]))
    assert error.what.endswith("the connection was closed before the login")


def test_silence(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        refusal(connect(port=server.getsockname()[1]))


def test_who_asks_for_a_host_key_is_told_what_is_waited_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meanwhile, "BEAT", 0.05)

    def told(what: str, seconds: float) -> None:
        raise Unreachable(what)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        connection = connect(port=port)
        connection._set(on_wait=told)
        with pytest.raises(Unreachable, match=f"waits for the host key of 127.0.0.1 port {port}"):
            offered(connection)


def through(connect: Connect, config: Path) -> Connection:
    changes = {"address": "inner", "user": None, "port": None}
    return connect({"ssh_config_path": str(config)}, **changes, identity=None, known_hosts=None)


def test_a_jump_through_a_known_host(
    connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path
) -> None:
    gateway.trusted()
    blocks = (("inner", sshd, "ProxyJump outer"), ("outer", gateway, ""))
    connection = through(connect, ssh_config(tmp_path / "config", *blocks))
    assert connection.run("echo $SSH_CONNECTION", hide=True, in_stream=False).ok
    assert isinstance(connection.gateway, Connection)
    assert connection.gateway.is_connected
    connection.close()
    assert not connection.gateway.is_connected


def test_a_host_behind_a_jump_that_falls_silent_is_given_up(
    connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path
) -> None:
    gateway.trusted()
    blocks = (("inner", sshd, "ProxyJump outer"), ("outer", gateway, ""))
    connection = through(connect, ssh_config(tmp_path / "config", *blocks))
    connection.open()
    with keepalive.Pulse(connection.transport, 1.0, 0.1), connection.create_session() as channel:
        channel.settimeout(20)
        channel.exec_command("echo $PPID; cat")
        server = int(channel.recv(20))
        os.kill(server, signal.SIGSTOP)
        try:
            assert channel.recv(1) == b""
            assert channel.recv_exit_status() == -1
        finally:
            os.kill(server, signal.SIGKILL)


def test_a_jump_through_an_unknown_host(
    connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path
) -> None:
    blocks = (("inner", sshd, "ProxyJump outer"), ("outer", gateway, ""))
    error = refusal(through(connect, ssh_config(tmp_path / "config", *blocks)))
    assert error.what == f"the host key of [127.0.0.1]:{gateway.port} is not known"
    assert error.next == "./fab -H outer hosts.trust"


def test_a_jump_to_where_nobody_listens(
    connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path
) -> None:
    gateway.trusted()
    nowhere = Sshd(sshd.directory, port=free_port())
    blocks = (("inner", nowhere, "ProxyJump outer"), ("outer", gateway, ""))
    error = refusal(through(connect, ssh_config(tmp_path / "config", *blocks)))
    assert error.what.endswith("cannot be reached through the gateway")


def test_a_chain_of_jumps(connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path) -> None:
    gateway.trusted()
    blocks = (
        ("inner", sshd, "ProxyJump outer,middle"),
        ("outer", gateway, ""),
        ("middle", gateway, "ProxyJump none"),
    )
    connection = through(connect, ssh_config(tmp_path / "config", *blocks))
    connection.open()
    assert connection.gateway.host.name == "middle"
    assert connection.gateway.gateway.host.name == "outer"


def test_jumps_in_a_circle(connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path) -> None:
    text = "Host inner\n  ProxyJump one\nHost one\n  ProxyJump two\nHost two\n  ProxyJump one\n"
    config = tmp_path / "config"
    config.write_text(text)
    with pytest.raises(Unreachable, match="in a circle") as caught:
        through(connect, config)
    assert caught.value.why == "pi → one → two → one."


def test_a_jump_host_for_all_is_not_its_own(
    connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path
) -> None:
    gateway.trusted()
    config = ssh_config(
        tmp_path / "config",
        ("inner", sshd, ""),
        ("outer", gateway, ""),
        ("*", sshd, "ProxyJump outer"),
    )
    connection = through(connect, config)
    connection.open()
    assert connection.gateway.gateway is None


def test_a_proxy_command(connect: Connect, sshd: Sshd, gateway: Sshd, tmp_path: Path) -> None:
    gateway.trusted()
    command = f"ProxyCommand ssh -F {tmp_path}/config -W %h:%p outer"
    blocks = (("inner", sshd, command), ("outer", gateway, ""))
    connection = through(connect, ssh_config(tmp_path / "config", *blocks))
    assert connection.run("echo hello", hide=True, in_stream=False).stdout == "hello\n"


def test_a_proxy_command_that_fails(connect: Connect, sshd: Sshd, tmp_path: Path) -> None:
    config = ssh_config(tmp_path / "config", ("inner", sshd, "ProxyCommand false"))
    assert "closed before the login" in refusal(through(connect, config)).what


def test_fabrics_own_gateway_is_strict(connect: Connect, gateway: Sshd) -> None:
    plain = fabric.Connection(f"{getpass.getuser()}@127.0.0.1:{gateway.port}")
    connection = connect({"gateway": plain})
    assert isinstance(connection.gateway, Connection)
    assert connection.gateway.settings.port == gateway.port
    assert "is not known" in refusal(connection).what


def test_names_stay_what_they_are(connect: Connect) -> None:
    assert connect(address="::1").settings.address == "::1"
    assert Inventory.lookup("me@[::1]:2222").port == 2222
