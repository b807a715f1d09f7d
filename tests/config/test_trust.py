"""A hosts.toml that was found on the way: trusted by nobody's word but its person's."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flaskwright import inventory
from flaskwright.config import code, hosts_toml, names, paths
from flaskwright.config.keyring import Source
from flaskwright.config.keys import (
    AppTable,
    Hooks,
    HostTable,
    Sandbox,
)
from flaskwright.config.mysql import Mysql
from flaskwright.config.table import declared
from flaskwright.config.tls import Acme, Tls
from flaskwright.config.trust import HostsFile
from flaskwright.config.trusted_keys import SENTENCES
from flaskwright.errors import UsageError
from flaskwright.workstation import commits

TEXT = """
[apps.blog]
repo = "https://git.example.org/blog.git"

[hosts.pi]
guide = "raspberry-pi"
address = "192.0.2.7"
app = "blog"
domain = "blog.example.org"
"""
KEYS = {
    "command": 'keyring = { command = "pass show {service}" }',
    "file": 'keyring = { file = "secrets.json" }',
    "environment": 'keyring = { environment = "FLASKWRIGHT_BLOG_" }',
    "ca": 'acme = { server = "https://ca.example.org/dir", ca = "ca.pem" }',
}


@pytest.fixture(autouse=True)
def nothing_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("FLASKWRIGHT_HOSTS", raising=False)


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], HostsFile]:
    """Find a hosts.toml on the way."""
    (tmp_path / "clone" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "clone" / "below")

    def find(text: str) -> HostsFile:
        (tmp_path / "clone" / "hosts.toml").write_text(text)
        return hosts_toml.opened()[0]

    return find


@pytest.mark.parametrize("kind", KEYS)
def test_a_file_on_the_way_is_trusted_once_and_again_when_a_key_says_else(found, kind):
    assert not found(TEXT + KEYS[kind]).trusted

    found(TEXT + KEYS[kind]).trust()
    assert found(TEXT + KEYS[kind]).trusted
    assert found(TEXT + KEYS[kind] + "\nemail = 'me@example.org'").trusted

    other = KEYS[kind].replace("show", "list").replace("BLOG", "X").replace('"s', '"/etc/s')
    changed = found(TEXT + other.replace('"ca.pem', '"other.pem'))
    assert not changed.trusted
    assert "has changed" in changed.refusal("hosts.pi.x", "do it").why


@pytest.mark.parametrize("kind", KEYS)
def test_what_goes_elsewhere_is_asked_again(found, kind):
    found(TEXT + KEYS[kind]).trust()

    assert not found(TEXT.replace("192.0.2.7", "192.0.2.66") + KEYS[kind]).trusted
    assert not found(TEXT + KEYS[kind] + "\nuser = 'eve'").trusted


def test_a_key_that_is_added_is_asked_about(found):
    found(TEXT).trust()
    assert found(TEXT).trusted

    for more in KEYS.values():
        assert not found(TEXT + more).trusted
    assert not found(TEXT.replace('.git"', ".git\"\nsecrets = ['A/b']")).trusted


def test_a_repository_is_known_by_where_git_keeps_it(found, tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path / "clone" / "app"], check=True)
    subprocess.run(["git", "init", "--quiet", tmp_path / "private"], check=True)
    text = TEXT.replace("https://git.example.org/blog.git", "app")
    file = found(text)
    assert [act.value for act in file.acts] == [str(tmp_path / "clone" / "app" / ".git")]
    file.trust()
    assert found(text).trusted

    (tmp_path / "clone" / "app" / ".git").rename(tmp_path / "away")
    (tmp_path / "clone" / "app" / ".git").write_text(f"gitdir: {tmp_path}/private/.git\n")
    assert not found(text).trusted


def test_a_link_that_leads_elsewhere_is_another_file(found, tmp_path):
    for name in ("one.pem", "other.pem"):
        (tmp_path / name).write_text("")
    link = tmp_path / "clone" / "ca.pem"
    link.symlink_to(tmp_path / "one.pem")
    found(TEXT + KEYS["ca"]).trust()
    assert found(TEXT + KEYS["ca"]).trusted

    link.unlink()
    link.symlink_to(tmp_path / "other.pem")
    assert not found(TEXT + KEYS["ca"]).trusted


def test_the_same_file_at_another_path_is_another_one(found, tmp_path, monkeypatch):
    found(TEXT + KEYS["command"]).trust()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "hosts.toml").write_text(TEXT + KEYS["command"])
    monkeypatch.chdir(tmp_path / "copy")

    assert not hosts_toml.opened()[0].trusted


def test_a_file_that_is_named_or_beside_the_fabfile_is_its_person_s(found, tmp_path, monkeypatch):
    found(TEXT + KEYS["command"])
    monkeypatch.setenv("FLASKWRIGHT_HOSTS", str(tmp_path / "clone" / "hosts.toml"))
    assert hosts_toml.opened()[0].trusted
    monkeypatch.delenv("FLASKWRIGHT_HOSTS")
    monkeypatch.setattr(hosts_toml, "PROJECT", tmp_path / "clone")
    assert hosts_toml.opened()[0].trusted


@pytest.mark.parametrize(("uid", "mode", "why"), [
    (1234, 0o644, "it belongs to another user, 1234"),
    (0, 0o646, "everybody may write it (mode 0646)"),
])  # fmt: skip
def test_what_others_can_change_is_never_trusted_unless_it_is_named(
    found, tmp_path, monkeypatch, uid, mode, why
):
    path = tmp_path / "clone" / "hosts.toml"
    found(TEXT + KEYS["command"]).trust()
    if uid and os.geteuid():
        pytest.skip("only root gives files away")
    os.chown(path, uid or os.geteuid(), -1)
    path.chmod(mode)

    file = hosts_toml.opened()[0]
    assert not file.trusted
    with pytest.raises(UsageError) as caught:
        file.trust()
    assert why in caught.value.why
    assert f"FLASKWRIGHT_HOSTS={path}" in caught.value.next

    monkeypatch.setenv("FLASKWRIGHT_HOSTS", str(path))
    assert hosts_toml.opened()[0].trusted


def test_who_uses_sudo_has_their_own_files(found, tmp_path, monkeypatch):
    if os.geteuid():
        pytest.skip("only root gives files away")
    found(TEXT)
    os.chown(tmp_path / "clone" / "hosts.toml", 1234, -1)
    monkeypatch.setenv("SUDO_UID", "1234")

    assert not hosts_toml.opened()[0].trouble


def test_what_was_said_is_for_nobody_else_to_write(found, tmp_path):
    found(TEXT + KEYS["file"]).trust()
    said = tmp_path / "state" / "flaskwright" / "allowed.json"
    assert said.stat().st_mode & 0o777 == 0o600
    assert said.parent.stat().st_mode & 0o777 == 0o700

    said.chmod(0o666)
    with pytest.raises(UsageError, match="is not used"):
        _ = found(TEXT + KEYS["file"]).trusted
    said.chmod(0o600)
    for broken in ("", "[]", "{", '{"files": []}'):
        said.write_text(broken)
        with pytest.raises(UsageError, match="is not what Flaskwright has written") as caught:
            _ = found(TEXT + KEYS["file"]).trusted
        assert f"remove {said}" in caught.value.next


def test_many_say_something_at_the_same_time_and_nothing_is_lost(tmp_path):
    script = (
        "import sys; from flaskwright.config import operator_state\n"
        "for n in range(20):\n"
        "    with operator_state.changed() as said:\n"
        "        said.setdefault('files', {})[sys.argv[1] + str(n)] = 'x'\n"
    )
    running = [subprocess.Popen([_python(), "-c", script, name]) for name in "abc"]
    assert [process.wait() for process in running] == [0, 0, 0]

    said = json.loads((tmp_path / "state" / "flaskwright" / "allowed.json").read_text())
    assert len(said["files"]) == 60


def _python() -> str:
    import sys

    return sys.executable


@pytest.mark.parametrize(
    "prefix", ["AWS_", "BLOG_", "GITHUB_", "_", "FLASKWRIGHT", "CI_FLASKWRIGHT_"]
)
def test_the_variables_of_other_programs_are_no_secrets_of_an_app(found, prefix):
    with pytest.raises(UsageError) as caught:
        found(TEXT + f'keyring = {{ environment = "{prefix}" }}')

    assert caught.value.exit_code == 64
    assert 'hosts.pi.keyring.environment: should begin with "FLASKWRIGHT_"' in caught.value.what


def test_every_key_that_names_a_file_a_program_or_variables_is_an_act():
    """A key that is added, and read or run here without a word, fails this."""
    kinds = (paths.LOCAL_FILE, code.ASKING, code.REPO, names.ENV_PREFIX)
    tables = (AppTable, HostTable, Acme, Source, Tls, Sandbox, Hooks, Mysql)
    here = {key.name for table in tables for key in declared(table) if key.kind in kinds}

    assert here == {"repo", "command", "file", "environment", "ca"}
    assert here < set(SENTENCES)


def test_what_is_shown_before_it_is_trusted_is_on_one_line(found, tmp_path):
    (tmp_path / "clone" / "ca.pem").symlink_to(tmp_path / "x\n  runs nothing\u202e")
    (act,) = found(TEXT + KEYS["ca"]).acts

    assert str(act).isprintable()


def test_what_runs_nothing_works_and_what_does_is_refused_with_the_command(found):
    found(TEXT.replace("https://git.example.org/blog.git", "app") + KEYS["command"])
    host = inventory.load().hosts["pi"]

    assert host.url == "https://blog.example.org/"
    with pytest.raises(UsageError) as caught:
        commits.checkout(host.app)
    assert "apps.blog.repo would read the git repository" in caught.value.what
    assert "nobody has said yet" in caught.value.why
    assert "./fab config.trust" in caught.value.next
