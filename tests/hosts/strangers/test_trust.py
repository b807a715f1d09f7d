"""A hosts.toml of somebody else's gets nothing of the operator's, whose own goes on working."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import sandbox
from sandbox.authority import Authority
from sandbox.state import lab, remove

from ..conftest import Live, bridge, on
from ..project import APP, ROOT, Said, table
from ..visitor import page

pytestmark = on("bookworm", whole=["trixie"])

NAME = "trust.bad.test"
VALUE, WORD = "hunter2-hunter2", "open sesame"
PRIVATE = (
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"
)
SSH = """
Host *
  IdentityFile {host.identity}
  IdentitiesOnly yes
  UserKnownHostsFile {host.known_hosts}
"""
KEYRING = """
import json, pathlib
from keyring.backend import KeyringBackend

PLACE = pathlib.Path({path!r})

class File(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return json.loads(PLACE.read_text()).get(f"{{service}} {{username}}")

    def set_password(self, service, username, password):
        kept = json.loads(PLACE.read_text())
        kept[f"{{service}} {{username}}"] = password
        PLACE.write_text(json.dumps(kept))

    def delete_password(self, service, username):
        kept = json.loads(PLACE.read_text())
        del kept[f"{{service}} {{username}}"]
        PLACE.write_text(json.dumps(kept))
"""
ROUTE = """

@app.get("/word")
def word():
    import keyring

    return keyring.get_password("PLANTED", "word")[-3:]
"""
ANNA = f"""
set -e
sudo useradd --create-home --shell /bin/bash anna
sudo install -d -o anna -m 0700 /home/anna/.ssh
sudo install -o anna -m 0600 ~/.ssh/authorized_keys /home/anna/.ssh/authorized_keys
echo "anna:{WORD}" | sudo chpasswd
sudo adduser --quiet anna sudo
"""


@dataclass
class Operator:
    """Somebody with a keyring, a state of their own, and a host that they reach by its address."""

    live: Live
    directory: Path

    @property
    def login(self) -> str:
        return f"ssh://anna@{self.live.address}"

    def declare(self, user: str = "anna", **host: object) -> None:
        """Write a hosts.toml whose app reads a secret."""
        keys = {"guide": "raspberry-pi", "app": "guestbook", "user": user, **host}
        app = table("apps.guestbook", APP | {"secrets": ["PLANTED/word"]})
        self.live.project.write(app + table("hosts.pi", {"address": self.live.address, **keys}))

    def environment(self, named: bool = True) -> dict[str, str]:
        return {
            "FLASKWRIGHT_HOSTS": str(self.live.project.hosts) if named else "",
            "XDG_STATE_HOME": str(self.directory / "state"),
            "PYTHONPATH": str(self.directory),
            "PYTHON_KEYRING_BACKEND": "keys_of_test.File",
        }

    def fab(self, *words: str, named: bool = True) -> Said:
        """Type a command about the host, with hosts.toml named, or found in the directory."""
        words = ("-S", str(self.directory / "ssh"), "-H", "pi", *words)
        return self.live.project.fab(*words, **self.environment(named))

    def answering(self, answer: str, *words: str) -> Said:
        """Type a command at a terminal, and answer its first question."""
        ours, theirs = pty.openpty()
        argv = [str(ROOT / "fab"), "-S", str(self.directory / "ssh"), "-H", "pi", *words]
        with subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.directory,
            env={**os.environ, **self.environment()}, start_new_session=True,
        ) as process:  # fmt: skip
            os.close(theirs)
            screen = b""
            while data := _read(ours):
                screen += data
                if answer and b"Type yes or no:" in screen:
                    os.write(ours, f"{answer}\n".encode())
                    answer = ""
        os.close(ours)
        return Said(process.returncode, "", screen.decode())

    def keep(self, **entries: str) -> None:
        (self.directory / "keyring.json").write_text(json.dumps(entries))

    @property
    def own(self) -> dict[str, str]:
        """What the keyring has once it knows which address the secrets are for."""
        place = f"flaskwright/{self.login}"
        return {f"{place}/guestbook/PLANTED word": VALUE, f"{place} sudo": WORD}

    def kept(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.directory / "keyring.json").read_text())
        return found


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end of a terminal is closed
        return b""


@pytest.fixture(scope="module")
def operator(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    directory = tmp_path_factory.mktemp("operator")
    (directory / "ssh").write_text(SSH.format(host=live.host))
    (directory / "keys_of_test.py").write_text(KEYRING.format(path=str(directory / "keyring.json")))
    live.shell(f"{{ {ANNA}\n}}")
    operator = Operator(live, directory)
    operator.keep(**operator.own)
    (live.project.app / "requirements.txt").write_text("flask>=3.0\nkeyring\n")
    text = (live.project.app / "app.py").read_text()
    live.project.add("app.py", text + ROUTE)
    return operator


@pytest.fixture(scope="module")
def upgraded(operator: Operator) -> tuple[Said, Said]:
    """The first deploys with an earlier version's keyring: nobody there to be asked; then a yes."""
    operator.declare()
    old = {"flaskwright/pi/guestbook/PLANTED word": VALUE, "flaskwright/pi sudo": WORD}
    operator.keep(**old)
    unasked = operator.fab("deploy")
    assert operator.kept() == old
    return unasked, operator.answering("yes", "deploy")


def test_an_operator_who_upgrades_is_asked_once_and_goes_on(
    operator: Operator, upgraded: tuple[Said, Said]
) -> None:
    unasked, asked = upgraded
    assert unasked.code == 64, str(unasked)
    assert f"flaskwright/pi/guestbook/PLANTED: is it for {operator.login}?" in unasked.err
    assert "fab -H pi secrets.allow" in unasked.err

    assert asked.code == 0, str(asked)
    assert asked.err.count("Type yes or no:") == 1
    assert operator.kept() == operator.own
    assert page(operator.live.address, "/word") == VALUE[-3:]

    again = operator.fab("deploy")
    assert (again.code, "nothing to do" in again.err) == (0, True), str(again)
    listed = operator.fab("secrets.list")
    assert (listed.code, "same" in listed.out) == (0, True), str(listed)
    state = operator.directory / "state" / "flaskwright" / "allowed.json"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


@pytest.mark.usefixtures("upgraded")
def test_a_file_that_takes_the_host_s_name_gets_nothing(operator: Operator) -> None:
    before = operator.kept()
    operator.declare(user="pi")  # another login of the same name
    for words in (("deploy",), ("deploy", "--dry-run"), ("secrets.rotate",)):
        said = operator.fab(*words)
        assert said.code == 64, str(said)
        assert f"is it for ssh://pi@{operator.live.address}?" in said.err
        assert VALUE not in said.out + said.err
    assert operator.kept() == before
    operator.declare()


def test_a_file_on_the_way_runs_nothing_and_what_needs_nothing_works(operator: Operator) -> None:
    marker = operator.directory / "marker"
    operator.declare(
        user="pi", keyring={"command": f"sh -c 'touch {marker}; echo hunter2-hunter2'"}
    )
    for words, code in {
        ("status",): 0,
        ("logs",): 0,
        ("releases",): 0,
        ("secrets.list",): 64,
        ("secrets.diff",): 64,
        ("deploy", "--dry-run"): 64,
        ("deploy",): 64,
    }.items():
        said = operator.fab(*words, named=False)
        assert said.code == code, f"{words}: {said}"
        assert not marker.exists(), words
    assert "/fab config.trust" in said.err

    trusted = operator.fab("config.trust", "--yes", named=False)
    assert trusted.code == 0, str(trusted)
    assert not marker.exists()
    assert operator.fab("secrets.list", named=False).code == 0
    assert marker.exists()
    operator.declare()


@pytest.fixture(scope="module")
def authority(operator: Operator) -> Iterator[Authority]:
    sandbox.publish(operator.live.project.name, NAME)
    made = Authority(lab().root / "authority-of-trust", bridge(), 14400)
    made.start()
    yield made
    made.stop()
    remove(made.root)


def test_an_authority_s_file_without_a_certificate_is_refused(operator: Operator) -> None:
    place = operator.live.project.directory / "mixed.pem"
    for content in (PRIVATE, "alias ll='ls -l'\n"):
        place.write_text(content)
        acme = {"server": "https://authority.invalid/directory", "ca": "mixed.pem"}
        operator.declare(domain=NAME, acme=acme)
        said = operator.fab("deploy")
        assert said.code == 64, str(said)
        assert "mixed.pem holds no certificate" in said.err


@pytest.mark.long
def test_of_the_authority_s_file_only_certificates_are_sent(
    operator: Operator, authority: Authority
) -> None:
    place = operator.live.project.directory / "mixed.pem"
    operator.declare(domain=NAME, acme={"server": authority.server, "ca": "mixed.pem"})
    certificate = authority.ca.read_text()
    place.write_text(f"a note of mine: {WORD}\n{PRIVATE}{certificate}")
    said = operator.fab("deploy")
    assert said.code == 0, str(said)
    found = operator.live.shell("cat /etc/ssl/flaskwright-acme.d/guestbook.pem")
    first, _, rest = found.partition("\n")
    assert first.startswith("# Made by Flaskwright")
    assert rest.strip() == certificate.strip()
    leaked = "MIIEvQIBADANBgkqhkiG9w0BAQEFAAS[C]"
    places = "/etc /home /root /srv /tmp /var/lib /run"
    assert (
        operator.live.shell(f"sudo grep -raEl '{leaked}' {places} 2>/dev/null", check=False) == ""
    )
    again = operator.fab("deploy")
    assert (again.code, "nothing to do" in again.err) == (0, True), str(again)
