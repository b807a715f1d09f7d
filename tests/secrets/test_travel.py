"""What of an app's secrets goes to a host: names in the plan, marks and values when it asks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import guides  # noqa: F401 - makes them known
from flaskwright import plan, runner
from flaskwright.guide import guide_of
from flaskwright.inventory import Host
from flaskwright.resources import Credential
from flaskwright.secrets import Entries
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


def test_the_host_gets_marks_first_and_values_when_it_asks(host: Host) -> None:
    answer = runner._answer(SimpleNamespace(host=host), Entries(host))  # type: ignore[arg-type]
    marks = answer("secret-marks", {"key": KEY.hex()})

    assert marks == Entries(host).marks(KEY)
    assert VALUE.encode() not in marks
    assert json.loads(answer("secrets", {}))["entries"] == {"MYSQL_AUTH": {"password": VALUE}}


def test_a_host_whose_app_has_none_gets_nothing(tmp_path: Path) -> None:
    host = host_in(tmp_path)
    answer = runner._answer(SimpleNamespace(host=host), None)  # type: ignore[arg-type]

    assert runner._entries(host) is None
    assert answer("secret-marks", {"key": KEY.hex()}) == answer("secrets", {}) == b""
    kinds = [item.resource.kind for item in guide_of(host).resources(host, "setup", "deploy")]
    assert Credential.kind not in kinds
