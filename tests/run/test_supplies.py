"""What of an app's secrets goes to a host: names in the plan, marks and values when it asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import guides  # noqa: F401 - makes them known
from flaskwright.guide import guide_of
from flaskwright.inventory import Host
from flaskwright.link.transport import OnWant
from flaskwright.plan import plan
from flaskwright.plan.plan import Mode
from flaskwright.resources.base import Resource
from flaskwright.resources.secrets import Credential
from flaskwright.run import runner
from flaskwright.run.supplies import answers
from flaskwright.secrets.entries import Entries
from flaskwright.workstation.supply import BEFORE_SENT, SUPPLIES, Need
from tasks import daily
from tests.hosts_file import host_in

VALUE = "correct horse battery"
KEY = b"k" * 32


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A host whose app has a secret, which is in a file of the operator."""
    path = tmp_path / "secrets.json"
    path.write_text(json.dumps({"MYSQL_AUTH": {"password": VALUE}}))
    path.chmod(0o600)
    app = 'secrets = ["MYSQL_AUTH/password"]'
    return host_in(tmp_path, app=app, host='keyring = { file = "secrets.json" }')


def test_a_plan_has_names_and_no_value(host: Host) -> None:
    Entries(host).must_be_whole()
    made = plan.make(host, guide_of(host).resources(host, "setup", "deploy"))
    text = json.dumps(made.payload("apply"))

    assert "MYSQL_AUTH/password" in text
    assert VALUE not in text


def test_secrets_come_before_all_that_a_transaction_does(host: Host) -> None:
    made = plan.make(host, guide_of(host).resources(host, "setup", "deploy"))
    kinds = [item.resource.kind for item in made.items]
    assert kinds.index(Credential.kind) < min(map(kinds.index, ("venv", "release", "serving")))


def asked(host: Host, mode: Mode, entries: Entries | None) -> OnWant:
    """Return what answers a host to which a deploy is brought."""
    made = plan.make(host, guide_of(host).resources(host, "setup", "deploy"))
    return answers(made, Need(host, mode, entries))


def test_the_host_gets_marks_first_and_values_when_it_asks(host: Host) -> None:
    answer = asked(host, "apply", Entries(host))
    marks = answer("secret-marks", {"key": KEY.hex()})

    assert marks == Entries(host).marks(KEY)
    assert VALUE.encode() not in marks
    assert json.loads(answer("secrets", {}))["entries"] == {"MYSQL_AUTH": {"password": VALUE}}


def test_a_host_whose_app_has_none_gets_nothing(tmp_path: Path) -> None:
    host = host_in(tmp_path)
    answer = asked(host, "apply", None)

    assert runner._entries(host) is None
    assert answer("secret-marks", {"key": KEY.hex()}) == answer("secrets", {}) == b""
    kinds = [item.resource.kind for item in guide_of(host).resources(host, "setup", "deploy")]
    assert Credential.kind not in kinds


def test_a_dry_run_brings_no_value(host: Host) -> None:
    answer = asked(host, "check", Entries(host))

    assert answer("secret-marks", {"key": KEY.hex()})
    assert answer("secrets", {}) == b""


def test_a_question_that_needs_no_secret_brings_none(host: Host) -> None:
    made = plan.make(host, daily.status.resources(host))
    answer = answers(made, Need(host, "apply", Entries(host)))

    assert {"secrets", "secret-marks", "mysql-password", "token", "host-keys"} < set(SUPPLIES)
    for name in SUPPLIES:
        assert answer(name, {"key": KEY.hex()}) == b""


@pytest.mark.parametrize("value", [None, {}, {"key": None}, {"key": "no"}, {"key": ["00"]}])
def test_a_key_that_is_none_gets_no_marks(host: Host, value: dict[str, object] | None) -> None:
    assert asked(host, "apply", Entries(host))("secret-marks", value) == b""


def test_what_a_resource_needs_is_supplied_and_what_is_supplied_is_needed() -> None:
    needed = {name for kind in kinds_of(Resource) for name in kind.needs}
    assert needed == set(SUPPLIES)
    assert needed >= set(BEFORE_SENT)


def kinds_of(base: type[Resource]) -> Iterator[type[Resource]]:
    """Give every kind that is below one."""
    for kind in base.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def test_a_dry_run_gets_no_commit_and_no_group(host: Host) -> None:
    withheld = {name for name, one in SUPPLIES.items() if not one.rehearsed}
    assert withheld == {"secrets", "commit", "dh-group"}
