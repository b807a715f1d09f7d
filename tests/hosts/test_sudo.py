"""Logins that sudo asks for a password."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import keyring
import pytest
from fabric import Config
from keyring.backend import KeyringBackend

import sandbox
from flaskwright.errors import Unreachable
from flaskwright.inventory import Host
from flaskwright.link import transport
from flaskwright.secrets.addresses import NotAllowed
from flaskwright.ssh.connection import Connection
from tests.hosts.conftest import Shell

PASSWORD = 'o\'pen "$esame"\\n `1`'
USERS = """
set -e
for user in anna otto; do
    sudo useradd --create-home --shell /bin/bash $user
    sudo install -d -o $user -m 0700 /home/$user/.ssh
    sudo install -o $user -m 0600 ~/.ssh/authorized_keys /home/$user/.ssh/authorized_keys
done
sudo adduser --quiet anna sudo
IFS= read -r password
printf 'anna:%s\\notto:%s\\n' "$password" "$password" | sudo chpasswd
"""
PLAN = {
    "mode": "check",
    "who": "me@here",
    "app": None,
    "state": "/var/lib/flaskwright",
    "host_state": "/var/lib/flaskwright",
    "site": {},
    "resources": [],
}


class Memory(KeyringBackend):
    """A keyring for one test."""

    priority = 0

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))


@pytest.fixture(scope="module")
def shell(names: list[str]) -> Shell:
    """A host with anna, who may use sudo with her password, and otto, who may not."""
    names.append("sudo")
    shell = Shell(sandbox.up("sudo"))
    shell(f"{{ {USERS}\n}} <<'END'\n{PASSWORD}\nEND")
    return shell


@pytest.fixture(autouse=True)
def empty_keyring() -> Iterator[None]:
    """Put an empty keyring in the place of the person's own."""
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def uid(shell: Shell) -> Iterator[Callable[..., int]]:
    """Run the agent as a user, with a password from the prompt; returns the agent's uid."""
    made = []

    def run(user: str, password: str | None = None) -> int:
        host = Host(
            "pi",
            address=shell.host.address,
            user=user,
            identity=shell.host.identity,
            known_hosts=shell.host.known_hosts,
        )
        overrides = {"ssh_config_path": os.devnull, "sudo": {"password": password}}
        made.append(Connection(host, Config(overrides=overrides)))
        events: list[dict[str, Any]] = []
        transport.exchange(made[-1], PLAN, on_event=events.append, on_want=lambda name, value: b"")
        return int(events[0]["uid"])

    yield run
    for each in made:
        each.close()


def test_no_password_is_wanted(uid: Callable[..., int]) -> None:
    assert uid("pi") == 0
    assert uid("pi", "needless") == 0


def test_the_prompt(uid: Callable[..., int]) -> None:
    assert uid("anna", PASSWORD) == 0


def test_the_keyring(uid: Callable[..., int], shell: Shell) -> None:
    keyring.set_password(f"flaskwright/ssh://anna@{shell.host.address}", "sudo", PASSWORD)
    assert uid("anna") == 0


def test_what_the_keyring_has_for_the_host_s_name_is_for_no_address(
    uid: Callable[..., int],
) -> None:
    keyring.set_password("flaskwright/pi", "sudo", PASSWORD)
    with pytest.raises(NotAllowed, match="is it for ssh://anna@") as caught:
        uid("anna")
    assert caught.value.next == "./fab -H pi secrets.allow"
    caught.value.wish.answer(yes=True)
    assert uid("anna") == 0
    caught.value.wish.answer(yes=False)


def test_nobody_knows_it(uid: Callable[..., int]) -> None:
    with pytest.raises(Unreachable, match="sudo on pi wants a password") as caught:
        uid("anna")
    assert "--prompt-for-sudo-password" in caught.value.next


def test_a_wrong_one_is_tried_once(uid: Callable[..., int], shell: Shell) -> None:
    count = "sudo journalctl --no-pager _COMM=sudo | grep -c 'authentication failure' || :"
    before = int(shell(count))
    with pytest.raises(Unreachable, match="sudo on pi refuses"):
        uid("anna", "wrong")
    assert int(shell(count)) == before + 1


def test_a_user_who_may_not(uid: Callable[..., int]) -> None:
    with pytest.raises(Unreachable, match="sudo on pi refuses") as caught:
        uid("otto", PASSWORD)
    assert "otto may not use sudo" in caught.value.why


@pytest.mark.parametrize("line", ["timestamp_timeout=0", "use_pty", "!use_pty"])
def test_whatever_sudo_is_told(uid: Callable[..., int], shell: Shell, line: str) -> None:
    shell(f"echo 'Defaults {line}' | sudo tee /etc/sudoers.d/zz-test")
    assert uid("anna", PASSWORD) == 0
    assert uid("pi") == 0
    shell("sudo rm /etc/sudoers.d/zz-test")


def test_the_password_is_nowhere(uid: Callable[..., int], shell: Shell) -> None:
    uid("anna", PASSWORD)
    shell("! sudo journalctl --no-pager | grep -F 'pen \"$esame'")
