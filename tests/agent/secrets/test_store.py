"""Secrets on the host: asked of the operator by marks, kept sealed, named by a release, lent."""

from __future__ import annotations

import base64
import json
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.app.history import SERVING, Verdicts
from flaskwright.agent.app.manifest import checksums
from flaskwright.agent.app.releases import Releases
from flaskwright.agent.engine import command
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.engine.run import Run
from flaskwright.agent.questions.verify import host as host_checks
from flaskwright.agent.secrets import forms, store
from flaskwright.agent.secrets.forms import FILE, OPEN, SEALED, Form
from flaskwright.agent.secrets.store import Credentials, marks_of, name_of
from flaskwright.agent.system import units

from ..app_host import AppHost
from ..support import ME, Operator, fields, handler, names, result

VALUE = "pa'ss\"wörd $HOME\\n\n☃"
PACKED = {
    "entries": {"MYSQL_AUTH": {"password": VALUE, "host": "localhost"}},
    "plain": ["MYSQL_AUTH/host"],
}
ENTRIES = {"MYSQL_AUTH/password": "secrets", "MYSQL_AUTH/host": "plain"}
SEALER = """#!/bin/sh
echo "$@" >> %(calls)s
case $1 in
encrypt) echo a key > %(key)s; base64 ;;
decrypt) base64 --decode "$3" ;;
esac
"""


class Host(AppHost):
    """A host whose systemd-creds only says what it was asked."""

    def __init__(self, directory: Path, operator: Operator, patch: pytest.MonkeyPatch) -> None:
        super().__init__(directory, operator)
        self.bin, self.calls = directory / "bin", directory / "calls"
        self.bin.mkdir()
        given = {"calls": self.calls, "key": directory / "credential.secret"}
        (self.bin / "systemd-creds").write_text(SEALER % given)
        (self.bin / "systemd-creds").chmod(0o755)
        self.systemd = self.builds(patch)
        path = f"{self.bin}:{command.PATH}"
        for module, name, value in (
            (command, "PATH", path),
            (forms, "PATH", path),
            (store, "HOST_KEY", str(given["key"])),
        ):
            patch.setattr(module, name, value)

    @property
    def directory(self) -> Path:
        return self.state / "credentials"

    def credential(self, on_host: str | None = None) -> dict[str, Any]:
        given = {"app": ME, "entries": ENTRIES, "on_host": on_host}
        return fields("credential", **given)

    def kept(self, run: Run) -> Credentials:
        return Credentials(run)

    def deal(self, run: Run, resource: dict[str, Any], packed: Any = PACKED) -> dict[str, Any]:
        """Deal with a resource while the operator answers with their marks and values."""
        done: list[dict[str, Any]] = []
        thread = threading.Thread(target=lambda: done.append(result(run, resource)))
        thread.start()
        self.wanted: list[str] = []
        while thread.is_alive():
            for event in self.operator.events():
                self._answer(event, packed)
            thread.join(0.01)
        return done[0]

    def _answer(self, event: dict[str, Any], packed: Any) -> None:
        if event["event"] != "want":
            return
        self.wanted.append(event["name"])
        if event["name"] == "secrets":
            self.operator.say(json.dumps(packed).encode())
        else:
            marks = marks_of(bytes.fromhex(event["value"]["key"]), packed)
            self.operator.say(json.dumps({"marks": marks, "plain": packed["plain"]}).encode())

    def live(self, release: str = "one", **manifest: Any) -> str:
        """Make a release that is live."""
        place = self.root / "releases" / release
        if not place.exists():
            place.mkdir()
            (place / ".venv").symlink_to(self.has_venv("def"))
        given = {"commit": "abc", "venv": "def", "files": checksums(str(place)), **manifest}
        (place / "manifest.json").write_text(json.dumps(given))
        Releases(self.place).switch(release)
        return release


@pytest.fixture
def host(tmp_path: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, operator, monkeypatch)


def other(**values: str) -> dict[str, Any]:
    return {**PACKED, "entries": {"MYSQL_AUTH": {**PACKED["entries"]["MYSQL_AUTH"], **values}}}


def test_values_are_asked_for_once_and_lie_sealed_for_root_alone(host: Host) -> None:
    run = host.run()

    assert host.deal(run, host.credential())["state"] == "changed"
    assert host.wanted == ["secret-marks", "secrets"]
    (name,) = host.kept(run).names()
    assert run.about.credential == name
    assert name.endswith(".sealed")
    assert names(host.directory) == [name, f"{name}.json", "key"]
    assert {stat.S_IMODE(p.stat().st_mode) for p in host.directory.iterdir()} == {0o600}
    assert stat.S_IMODE(host.directory.stat().st_mode) == 0o700
    assert json.loads(host.kept(run).read(name)) == PACKED


def test_the_same_values_are_told_by_their_marks_and_stay_where_they_are(host: Host) -> None:
    host.deal(host.run(), host.credential())
    host.calls.unlink()

    assert host.deal(host.run(), host.credential())["state"] == "ok"
    assert host.wanted == ["secret-marks"]
    assert not host.calls.exists()


def test_other_values_come_beside_the_old_ones(host: Host) -> None:
    host.deal(host.run(), host.credential())
    run = host.run()
    done = host.deal(run, host.credential(), other(password="quite another"))

    assert done["state"] == "changed"
    assert len(host.kept(run).names()) == 2
    bodies = [json.loads(host.kept(run).read(one)) for one in host.kept(run).names()]
    assert PACKED in bodies


def test_the_diff_names_entries_by_marks_and_no_values(host: Host) -> None:
    run = host.run()
    host.deal(run, host.credential())
    host.live(credential=run.about.credential)
    done = host.deal(host.run("check"), host.credential(), other(password="quite another"))

    assert done["state"] == "would change"
    (line,) = done["diff"]
    assert line.startswith("MYSQL_AUTH/password: ")
    assert "another" not in json.dumps(done)
    assert host.wanted == ["secret-marks"]


def test_a_dry_run_leaves_no_trace(host: Host) -> None:
    run = host.run("check")

    assert host.deal(run, host.credential())["state"] == "would change"
    assert run.about.credential == ""
    assert not host.directory.exists()


def test_values_that_changed_in_between_are_not_written(host: Host) -> None:
    run = host.run()
    host._answer, answer = (
        lambda event, packed: answer(
            event, other(password="not as told") if event.get("name") == "secrets" else packed
        ),
        host._answer,
    )
    done = host.deal(run, host.credential())

    assert "did not arrive" in done["what"]
    assert names(host.directory) == ["key"]


def test_without_anybody_to_ask_it_fails(host: Host) -> None:
    host._answer = lambda event, packed: (  # type: ignore[method-assign]
        host.operator.say(b"") if event["event"] == "want" else None
    )
    assert "nobody is there" in host.deal(host.run(), host.credential())["what"]


def test_a_host_with_another_key_gets_them_anew(host: Host, tmp_path: Path) -> None:
    host.deal(host.run(), host.credential())
    (tmp_path / "credential.secret").write_text("another machine's")

    assert host.deal(host.run(), host.credential())["state"] == "changed"
    assert host.wanted == ["secret-marks", "secrets"]


def without_sealer(host: Host, monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    """Make the host one of an older systemd."""
    (host.bin / "systemd-creds").unlink(missing_ok=True)
    monkeypatch.setattr(forms, "PATH", str(host.bin))
    (host.bin / f"libsystemd-shared-{version}.so").touch()
    monkeypatch.setattr(units, "LIBRARIES", (str(host.bin / "libsystemd-shared-*.so"),))


def test_an_old_systemd_has_them_in_a_file_of_root(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_sealer(host, monkeypatch, 247)
    run = host.run()
    host.deal(run, host.credential("credential"))
    name = run.about.credential

    assert host.kept(run).setting(name) == f"LoadCredential=keyring:{host.directory}/{name}"
    assert stat.S_IMODE((host.directory / name).stat().st_mode) == 0o600
    assert json.loads(host.kept(run).read(name)) == PACKED


@pytest.mark.parametrize(("version", "on_host"), [(241, None), (247, "file"), (0, "file")])
def test_a_very_old_one_has_them_in_a_file_of_the_app_and_so_has_who_asks_for_it(
    host: Host, monkeypatch: pytest.MonkeyPatch, version: int, on_host: str | None
) -> None:
    if version:
        without_sealer(host, monkeypatch, version)
    run = host.run()
    host.deal(run, host.credential(on_host))
    name = run.about.credential
    place = host.root / "credentials" / name

    assert host.kept(run).setting(name) == f"Environment=CREDENTIALS_DIRECTORY={place}"
    assert names(place) == ["keyring"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o710  # ours: the app can put nothing there
    assert stat.S_IMODE((place / "keyring").stat().st_mode) == 0o400
    assert names(host.directory) == [f"{name}.json", "key"]
    assert json.loads(host.kept(run).read(name)) == PACKED
    assert not host.calls.exists()
    assert host.deal(host.run(), host.credential(on_host))["state"] == "ok"


def test_a_very_old_one_is_refused_where_a_credential_is_asked_for(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_sealer(host, monkeypatch, 245)
    done = host.deal(host.run("check"), host.credential("credential"))

    assert done["what"] == "the systemd of this host cannot hand secrets to a service"
    assert done["why"] == "it is 245; 247 is the oldest that can"
    assert 'on_host = "file"' in done["next"]


def test_a_better_form_takes_the_place_of_the_other(host: Host) -> None:
    run = host.run()
    host.deal(run, host.credential("file"))
    old = run.about.credential
    host.live(credential=old)
    run = host.run()
    done = host.deal(run, host.credential())

    assert (done["state"], done["diff"]) == ("changed", ["kept: file -> sealed"])
    assert host.kept(run).is_here(old)
    host.live(credential=run.about.credential)
    good(host, "one")
    result(host.run(), fields("kept", keep=1))
    assert names(host.root / "credentials") == []
    assert host.kept(run).names() == [run.about.credential]


def test_marks_hang_on_the_key_and_identities_on_what_is_plain() -> None:
    one, two = (marks_of(key, PACKED) for key in (b"one", b"two"))

    assert set(one) == set(ENTRIES)
    assert not set(one.values()) & set(two.values())
    assert name_of(one, [], OPEN) != name_of(one, ["MYSQL_AUTH/host"], OPEN)
    assert len({name_of(one, [], form) for form in (SEALED, OPEN, FILE)}) == 3


def unit(host: Host) -> dict[str, Any]:
    text = "[Service]\n{credential}\n"
    return host.release(files={"etc/systemd/system/blog@.service": host.file(text, 0o644)})


def test_a_release_names_the_values_of_its_run(host: Host) -> None:
    run = host.run("check")
    run.about.commit = "abc"
    run.about.venv = "def"
    run.about.credential = "0123.sealed"
    release: Any = handler(run, unit(host))

    assert release.files["etc/systemd/system/blog@.service"]["content"] == (
        f"[Service]\nLoadCredentialEncrypted=keyring:{host.directory}/0123.sealed\n"
    )
    assert release.credential == "0123.sealed"


def test_other_values_make_another_release(host: Host) -> None:
    digests = set()
    for identity in ("0123", "4567"):
        run = host.run("check")
        run.about.commit = "abc"
        run.about.venv = "def"
        run.about.credential = identity
        digests.add(handler(run, unit(host)).wanted()["configuration"])

    assert len(digests) == 2


def test_a_dry_run_that_cannot_name_them_says_so(host: Host) -> None:
    run = host.run("check")
    run.about.commit = "abc"
    run.about.venv = "def"
    run.about.credential = ""

    assert result(run, unit(host)) == {
        "state": "would run",
        "note": "after its secrets are here",
    }


def said(host: Host, script: str) -> str:
    """What a command in the live release prints."""
    argv = ["sh", "-c", script]
    asked = fields("app-command", argv=argv)
    assert result(host.run("check"), asked)["answer"] == {"status": 0}
    return "".join(e["text"] for e in host.operator.events() if e["event"] == "output")


@pytest.mark.parametrize(
    "changed",
    [
        b"\xff",
        b"[]",
        b"[" * 100000,
        b'{"entries": 7, "plain": []}',
        b'{"entries": {}, "plain": []}',
        json.dumps({**PACKED, "plain": ["MYSQL_AUTH/password"]}).encode(),
    ],
)
def test_a_file_that_the_app_has_changed_is_not_believed(host: Host, changed: bytes) -> None:
    run = host.run()
    host.deal(run, host.credential("file"))
    name = run.about.credential
    file = host.root / "credentials" / name / "keyring"
    file.chmod(0o600)
    file.write_bytes(changed)

    with pytest.raises(Failed, match="is not as it was written"):
        host.kept(run).read(name)


@pytest.mark.parametrize("form", [SEALED, OPEN, FILE])
def test_a_command_gets_them_as_the_service_does(host: Host, form: Form) -> None:
    host.live()
    host.has_unit("one", "User=x", form.setting % "/place", "Restart=on-failure")

    said(host, "true")

    given = [word for word in host.systemd.runs() if word.startswith("--property=")]
    assert {"--property=User=x", "--property=" + form.setting % "/place"} <= set(given)
    assert not [word for word in given if "Restart" in word or "=notify" in word]


def test_what_a_command_says_of_them_is_hidden(host: Host) -> None:
    run = host.run()
    host.deal(run, host.credential())
    host.live(credential=run.about.credential)
    host.has_unit("one")
    spelled = [VALUE, repr(VALUE), json.dumps(VALUE), base64.b64encode(VALUE.encode()).decode()]

    told = said(host, "cat <<'END'\n" + "\n".join([*spelled, "no secret"]) + "\nEND")

    assert "no secret" in told
    assert "wörd" not in told
    assert "\\u00f6rd" not in told
    assert spelled[-1].rstrip("=") not in told


def test_what_the_host_cannot_open_any_more_is_told(host: Host) -> None:
    run = host.run()
    host.deal(run, host.credential())
    release = host.live(credential=run.about.credential)
    (host.bin / "systemd-creds").write_text("#!/bin/sh\necho no key >&2; exit 1\n")

    with pytest.raises(Failed) as caught:
        host.kept(host.run()).withhold(release)
    assert (caught.value.log, caught.value.next) == (["no key"], "./fab secrets.rotate")


def listing(host: Host, run: Run, packed: Any = PACKED) -> dict[str, dict[str, str]]:
    asked = fields("secret-list", entries=ENTRIES)
    rows = host.deal(run, asked, packed)["answer"]["secrets"]
    return {row["entry"]: row for row in rows}


def test_the_list_before_anything_was_pushed(host: Host) -> None:
    rows = listing(host, host.run("check"), {"entries": {"MYSQL_AUTH": {"host": "x"}}, "plain": []})

    assert rows["MYSQL_AUTH/host"] == {
        "entry": "MYSQL_AUTH/host",
        "named by": "plain",
        "here": "yes",
        "live": "-",
        "": "not live yet",
    }
    assert rows["MYSQL_AUTH/password"][""] == "missing: secrets.set"
    assert not host.directory.exists()


def test_the_list_beside_what_is_live(host: Host) -> None:
    run = host.run()
    host.deal(run, host.credential())
    host.live(credential=run.about.credential)
    more = other(password="quite another", gone="for good")
    del more["entries"]["MYSQL_AUTH"]["gone"]
    rows = listing(host, host.run("check"), more)

    assert rows["MYSQL_AUTH/host"][""] == "same"
    assert rows["MYSQL_AUTH/host"]["here"] == rows["MYSQL_AUTH/host"]["live"]
    assert rows["MYSQL_AUTH/password"][""] == "differs: secrets.rotate"


def test_a_rollback_wants_the_values_of_its_release(host: Host) -> None:
    host.live(credential="0123")
    good(host, "one")
    done = result(host.run(), back_to("one", host))

    assert done["what"] == "release one has lost its secrets"
    assert "--ref abc" in done["next"]


def test_a_rollback_tells_which_values_are_older(host: Host) -> None:
    for release, packed in (("one", PACKED), ("two", other(password="quite another"))):
        run = host.run()
        host.deal(run, host.credential(), packed)
        host.live(release, credential=run.about.credential)
        good(host, release)
    done = result(host.run(), back_to("one", host))

    assert done["answer"]["to"] == "one"
    (notice,) = [event for event in host.operator.events() if event["event"] == "notice"]
    assert notice["text"] == (
        "it has older values of MYSQL_AUTH/password; if they are refused: ./fab deploy --ref abc"
    )


def back_to(release: str, host: Host) -> dict[str, Any]:
    return fields("earlier", to=release)


def test_a_look_at_the_host_finds_what_is_lost(host: Host) -> None:
    host.live(credential="0123")
    look: Any = handler(host.run("check"), fields("verify"))

    [(_, said)] = host_checks.manifests(look)
    assert "it has lost its secrets" in said


def good(host: Host, release: str) -> None:
    Verdicts(host.place).add(id=release, commit="abc", verdict=SERVING, since="", who="")


def test_pruning_takes_what_no_release_names(host: Host) -> None:
    first, second = host.run(), host.run()
    host.deal(first, host.credential())
    host.deal(second, host.credential(), other(password="quite another"))
    host.live(credential=second.about.credential)
    good(host, "one")
    run = host.run()
    done = result(run, fields("kept", keep=1))

    assert done["diff"] == [f"removes secrets {first.about.credential}"]
    assert host.kept(run).names() == [second.about.credential]
    assert not (host.directory / first.about.credential).exists()
