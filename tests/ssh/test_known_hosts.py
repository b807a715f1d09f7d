"""known_hosts as ssh reads it, and how it grows."""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path

import pytest

from flaskwright.errors import Unreachable
from flaskwright.ssh import known_hosts
from flaskwright.ssh.known_hosts import Key
from tests.sshd import make_key


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Key]:
    made = {}
    for kind in ("ed25519", "rsa", "ecdsa"):
        path = make_key(tmp_path_factory.mktemp("keys") / kind, kind)
        name, blob, *_ = path.with_suffix(".pub").read_text().split()
        made[kind] = Key(name, base64.b64decode(blob))
    return made


def line(names: str, key: Key, marker: str = "") -> str:
    return f"{marker} {names} {key.type} {base64.b64encode(key.blob).decode()}\n".lstrip()


@pytest.fixture
def file(tmp_path: Path, keys: dict[str, Key]) -> Path:
    path = tmp_path / "known_hosts"
    path.write_text(
        "# a comment\n"
        + line("plain.example,192.0.2.1", keys["ed25519"])
        + line("[port.example]:2222", keys["ed25519"])
        + line("*.wild.example,!not.wild.example", keys["rsa"])
        + line("*.bad.example", keys["ecdsa"], "@revoked")
        + line("*.signed.example", keys["rsa"], "@cert-authority")
    )
    return path


@pytest.mark.parametrize("hashed", [False, True])
@pytest.mark.parametrize(
    ("address", "port", "kind"),
    [
        ("plain.example", 22, "ed25519"),
        ("192.0.2.1", 22, "ed25519"),
        ("PLAIN.example", 22, "ed25519"),
        ("port.example", 2222, "ed25519"),
        ("a.wild.example", 22, "rsa"),
        ("plain.example", 2222, None),
        ("port.example", 22, None),
        ("not.wild.example", 22, None),
    ],
)
def test_names(
    file: Path, keys: dict[str, Key], hashed: bool, address: str, port: int, kind: str | None
) -> None:
    if hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    known = known_hosts.known(known_hosts.entry(address, port), [file])
    assert known.trusted == ((keys[kind],) if kind else ())


def test_markers(file: Path, keys: dict[str, Key]) -> None:
    assert known_hosts.known("x.bad.example", [file]).revoked == (keys["ecdsa"],)
    signed = known_hosts.known("x.signed.example", [file])
    assert (signed.trusted, signed.authorities) == ((), 1)


def test_several_files_and_none(file: Path, tmp_path: Path, keys: dict[str, Key]) -> None:
    other = tmp_path / "other"
    other.write_text(line("plain.example", keys["rsa"]))
    known = known_hosts.known("plain.example", [tmp_path / "missing", file, other])
    assert known.trusted == (keys["ed25519"], keys["rsa"])


def test_an_alias_is_the_name() -> None:
    assert known_hosts.entry("192.0.2.1", 2222, "pi") == "pi"


def test_fingerprint_is_that_of_ssh_keygen(keys: dict[str, Key], tmp_path: Path) -> None:
    for key in keys.values():
        (tmp_path / "key.pub").write_text(line("", key).strip() + "\n")
        said = subprocess.run(
            ["ssh-keygen", "-lf", str(tmp_path / "key.pub")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert said.split()[1] == key.fingerprint


def test_add_hashes_and_keeps(file: Path, keys: dict[str, Key]) -> None:
    before = file.read_text().rstrip("\n")
    file.write_text(before)
    known_hosts.add(file, "[new.example]:2222", [keys["ed25519"], keys["rsa"]])
    known = known_hosts.known("[new.example]:2222", [file])
    assert known.trusted == (keys["ed25519"], keys["rsa"])
    assert file.read_text().startswith(before + "\n|1|")
    assert "new.example" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_add_makes_the_file_and_follows_a_link(tmp_path: Path, keys: dict[str, Key]) -> None:
    real, link = tmp_path / "dotfiles" / "known_hosts", tmp_path / "known_hosts"
    link.symlink_to(real)
    known_hosts.add(link, "new.example", [keys["rsa"]])
    assert link.is_symlink()
    assert known_hosts.known("new.example", [real]).trusted == (keys["rsa"],)
    assert stat.S_IMODE(real.parent.stat().st_mode) == 0o700


def test_without_ssh_keygen(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreachable, match="ssh-keygen is not installed"):
        known_hosts.known("plain.example", [file])
