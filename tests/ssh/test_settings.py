"""What ssh says about a name, and what hosts.toml says over it."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from flaskwright.errors import Unreachable
from flaskwright.inventory import Host, Inventory
from flaskwright.ssh import settings
from flaskwright.ssh.settings import Settings, resolve

CONFIG = """
Include {directory}/more
Host pi
  HostName %h.example
  User gardener
  Port 2222
  IdentityFile {directory}/%r_key
  UserKnownHostsFile {directory}/known_hosts
  GlobalKnownHostsFile none
  HostKeyAlias the-pi
  ConnectTimeout 7
  IdentitiesOnly yes
  ForwardAgent yes
Host jumped
  ProxyJump a@one:2201,two
Host commanded
  ProxyCommand nc -X connect %h %p %r %n 100%% %k
Host nothing
  IdentityFile none
  UserKnownHostsFile none
  GlobalKnownHostsFile none
  ProxyCommand none
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "more").write_text('Match originalhost matched exec "true"\n  Port 2200\n')
    path = tmp_path / "config"
    path.write_text(CONFIG.format(directory=tmp_path))
    return str(path)


def test_all_that_ssh_says(config: str, tmp_path: Path) -> None:
    assert resolve(Host("pi", address="pi"), config_file=config) == Settings(
        address="pi.example",
        user="gardener",
        port=2222,
        identities=(tmp_path / "gardener_key",),
        exclusive=True,
        known_hosts=(tmp_path / "known_hosts",),
        host_key_alias="the-pi",
        timeout=7,
        forward_agent=True,
    )


def test_include_and_match_exec(config: str) -> None:
    assert resolve(Inventory.lookup("matched"), config_file=config).port == 2200


def test_hosts_toml_wins(config: str, tmp_path: Path) -> None:
    host = Host(
        "garden",
        address="pi",
        user="me",
        port=2023,
        identity=tmp_path / "mine",
        known_hosts=tmp_path / "theirs",
    )
    settings = resolve(host, config_file=config)
    assert (settings.address, settings.user, settings.port) == ("pi.example", "me", 2023)
    assert settings.identities == (tmp_path / "mine",)
    assert settings.known_hosts == (tmp_path / "theirs",)


def test_identities_of_the_command_line_win(config: str, tmp_path: Path) -> None:
    host = Host("garden", address="pi", identity=tmp_path / "mine")
    settings = resolve(host, config_file=config, identities=["~/typed"])
    assert settings.identities == (Path("~/typed").expanduser(),)
    assert settings.exclusive


def test_gateways(config: str) -> None:
    jumped = resolve(Inventory.lookup("jumped"), config_file=config)
    assert (jumped.jump, jumped.command) == ("a@one:2201,two", "")
    commanded = resolve(Inventory.lookup("bob@commanded:99"), config_file=config)
    assert commanded.command == "nc -X connect commanded 99 bob commanded 100% %k"


def test_none_is_nothing(config: str) -> None:
    settings = resolve(Inventory.lookup("nothing"), config_file=config)
    assert (settings.identities, settings.known_hosts) == ((), ())
    assert (settings.command, settings.timeout) == ("", None)


def test_without_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    settings = resolve(Inventory.lookup("192.0.2.7"), config_file=str(tmp_path / "empty"))
    assert (settings.address, settings.user, settings.port) == ("192.0.2.7", getpass.getuser(), 22)
    assert settings.usual
    assert not settings.exclusive
    assert Path.home() / ".ssh" / "id_ed25519" in settings.identities


def test_without_ssh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = resolve(Host("pi", address="192.0.2.7", user="pi", port=2222))
    assert (settings.address, settings.user, settings.port) == ("192.0.2.7", "pi", 2222)
    assert settings.usual
    assert Path.home() / ".ssh" / "known_hosts" in settings.known_hosts


def test_a_broken_configuration_is_shown(tmp_path: Path) -> None:
    (tmp_path / "broken").write_text("Host pi\n  Prot 22\n")
    with pytest.raises(Unreachable) as caught:
        resolve(Host("pi", address="pi"), config_file=str(tmp_path / "broken"))
    assert any("prot" in line.lower() for line in caught.value.log)


def test_a_configuration_that_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LONGEST", 0.5)
    (tmp_path / "waits").write_text('Match exec "sleep 3"\n  Port 22\n')
    with pytest.raises(Unreachable, match="does not say how 'pi' is reached"):
        resolve(Host("pi", address="pi"), config_file=str(tmp_path / "waits"))
