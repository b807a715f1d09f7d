"""Hosts that cannot be reached, logged in to, or worked on: exit 5, and nothing is changed."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..sshd import make_key
from .conftest import Live
from .project import APP, ROOT, Said, table
from .trouble import steady, told

WORD = "open sesame"
QUESTION = re.compile(rb"Password (?:of \S+ )?for sudo")
USERS = f"""
set -e
for user in anna otto; do
    sudo useradd --create-home --shell /bin/bash $user
    sudo install -d -o $user -m 0700 /home/$user/.ssh
    sudo install -o $user -m 0600 ~/.ssh/authorized_keys /home/$user/.ssh/authorized_keys
    echo "$user:{WORD}" | sudo chpasswd
done
sudo adduser --quiet anna sudo
"""
KEYRING = """
import json, os
from keyring.backend import KeyringBackend

class File(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return json.loads(os.environ["KEYRING"]).get(f"{service} {username}")

    def set_password(self, service, username, password):
        raise NotImplementedError
"""


class Client:
    """A person who reaches the host as one of their own: by an address and an ssh_config."""

    def __init__(self, live: Live, directory: Path) -> None:
        self.live = live
        self.directory = directory
        self.settings = directory / "ssh_config"
        (directory / "file_keyring.py").write_text(KEYRING)

    def declare(self, user: str = "pi", address: str = "", port: int = 22, **more: Any) -> None:
        """Write a hosts.toml in which the host is `pi`."""
        keys = {"guide": "raspberry-pi", "app": "guestbook", "user": user, "port": port, **more}
        keys["address"] = address or self.live.address
        self.live.project.write(table("apps.guestbook", APP) + table("hosts.pi", keys))

    def trusts(self, known_hosts: Path | None = None, identity: Path | None = None) -> None:
        """Write an ssh_config."""
        host = self.live.host
        lines = [
            "Host *",
            f"IdentityFile {identity or host.identity}",
            "IdentitiesOnly yes",
            f"UserKnownHostsFile {known_hosts or host.known_hosts}",
            "GlobalKnownHostsFile none",
        ]
        self.settings.write_text("\n".join(lines))

    def fab(self, *arguments: str, **environment: str) -> Said:
        """Run `./fab -H pi`."""
        return self.live.project.fab(
            "-S", str(self.settings), "-H", "pi", *arguments, **environment
        )

    def keyring(self, **entries: str) -> dict[str, str]:
        """Return the environment of a keyring with sudo's passwords by login."""
        place = f"{self.live.address} sudo"
        known = {f"flaskwright/ssh://{user}@{place}": word for user, word in entries.items()}
        return {
            "PYTHONPATH": str(self.directory),
            "PYTHON_KEYRING_BACKEND": "file_keyring.File",
            "KEYRING": json.dumps(known),
        }

    def prompted(self, answer: str) -> Said:
        """Run a deploy on a terminal, and answer the question for sudo's password."""
        ours, theirs = pty.openpty()
        argv = [ROOT / "fab", "-S", self.settings, "--prompt-for-sudo-password", "-H", "pi"]
        environment = os.environ | {"FLASKWRIGHT_HOSTS": str(self.live.project.hosts)}
        with subprocess.Popen(
            [*map(str, argv), "deploy"], stdin=theirs, stdout=theirs, stderr=theirs,
            env=environment, start_new_session=True,
        ) as process:  # fmt: skip
            os.close(theirs)
            bound = threading.Timer(120, process.kill)
            bound.start()
            screen = answered(ours, answer)
            bound.cancel()
        os.close(ours)
        return Said(process.returncode, "", screen)


def answered(terminal: int, answer: str) -> str:
    """Answer each question for a password; return all that is shown, without colours."""
    screen, answers = b"", 0
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # EIO: the program has closed it
            break
        screen += more
        if len(QUESTION.findall(screen)) > answers and screen.endswith(b": "):
            answers += os.write(terminal, answer.encode() + b"\n") > 0
    return screen.decode().replace("\x1b[31;1m", "").replace("\x1b[0m", "")


@pytest.fixture(scope="module")
def client(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    live.shell(USERS)
    yield Client(live, tmp_path_factory.mktemp("client"))
    live.project.restore()


@pytest.fixture(autouse=True)
def trusting(client: Client) -> None:
    client.declare()
    client.trusts()


def test_it_can_be_reached(client: Client) -> None:
    said = client.fab("deploy")
    assert said.code == 0, str(said)


def test_switched_off(client: Client) -> None:
    client.declare(address=client.live.address.rpartition(".")[0] + ".254")
    told(client.fab("deploy"), 5, "cannot be reached", "No route to host.", "is it switched on")


def test_nobody_listens(client: Client) -> None:
    client.declare(port=2222)
    told(client.fab("deploy"), 5, "port 2222: the connection was refused", "systemctl status ssh")


def test_a_name_that_is_nobody_s(client: Client) -> None:
    client.declare(address="raspberrypi.invalid")
    told(client.fab("deploy"), 5, "the name does not resolve", "`address` in hosts.toml")


def test_a_key_that_is_refused(client: Client) -> None:
    client.trusts(identity=make_key(client.directory / "other"))
    told(client.fab("deploy"), 5, "refused the login", "/other  SHA256:", "ssh-copy-id pi@")


def test_a_host_key_that_is_not_known(client: Client) -> None:
    known_hosts = client.directory / "known_hosts"
    client.trusts(known_hosts=known_hosts)
    told(client.fab("deploy"), 5, "is not known", "it shows  SHA256:", "./fab -H pi hosts.trust")
    told(client.fab("hosts.trust"), 64, "Nobody is here to say so", "--fingerprint SHA256:")
    assert client.fab("hosts.trust", "--yes").code == 0
    assert client.fab("deploy").code == 0


def test_a_host_key_that_has_changed(client: Client) -> None:
    other = make_key(client.directory / "changed").with_suffix(".pub").read_text()
    known_hosts = client.directory / "changed_hosts"
    known_hosts.write_text(f"{client.live.address} {other}")
    client.trusts(known_hosts=known_hosts)
    for task in ("deploy", "hosts.trust"):
        told(client.fab(task), 5, "has changed; nothing was sent", "ssh-keygen -R")


def test_sudo_wants_a_password(client: Client) -> None:
    client.declare(user="anna")
    with steady(client.live):
        told(client.fab("deploy"), 5, "sudo on pi wants a password", "--prompt-for-sudo-password")
        told(client.prompted("a guess"), 5, "sudo on pi refuses", "password is wrong")
        wrong = client.keyring(anna="wrong")
        told(
            client.fab("deploy", **wrong),
            5,
            "sudo on pi refuses",
            "keyring set flaskwright/ssh://anna@",
        )
    said = client.prompted(WORD)
    assert said.code == 0, str(said)
    assert client.fab("deploy", **client.keyring(anna=WORD)).code == 0
    variable = "FLASKWRIGHT_CI_FLASKWRIGHT_PI_SUDO"
    client.declare(user="anna", keyring={"environment": "FLASKWRIGHT_CI_"})
    told(
        client.fab("deploy"), 5, "in the variables FLASKWRIGHT_CI_", f"set the variable {variable}"
    )
    assert client.fab("deploy", **{variable: WORD}).code == 0


def test_a_user_who_may_not_use_sudo(client: Client) -> None:
    client.declare(user="otto")
    said = client.fab("deploy", **client.keyring(otto=WORD))
    told(said, 5, "sudo on pi refuses", "otto may not use sudo")
    assert WORD not in said.err


def test_a_sudo_that_wants_a_terminal(client: Client) -> None:
    client.declare(user="anna")
    client.live.shell("echo 'Defaults:anna requiretty' | sudo tee /etc/sudoers.d/zz-tty")
    told(client.fab("deploy"), 5, "you must have a tty")
    client.live.shell("sudo rm /etc/sudoers.d/zz-tty")


def test_no_python(client: Client) -> None:
    client.live.shell("sudo mv /usr/bin/python3 /usr/bin/python3.away")
    told(client.fab("deploy"), 5, "there is no python3 on pi", "sudo apt-get install python3")
    client.live.shell("sudo mv /usr/bin/python3.away /usr/bin/python3")


def test_a_shell_that_lets_nobody_in(client: Client) -> None:
    client.live.shell("sudo usermod --shell /usr/sbin/nologin otto")
    client.declare(user="otto")
    told(client.fab("deploy"), 5, "the agent did not start on pi", "account is currently not")


def test_a_shell_that_talks(client: Client) -> None:
    client.live.shell(
        'sed -i \'1i echo "{\\\\"event\\\\": 1}"; echo noise; echo more >&2\' ~/.bashrc'
    )
    said = client.fab("deploy")
    assert said.code == 0, str(said)
    assert "noise" not in said.out + said.err
