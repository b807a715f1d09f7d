"""A .env file as the source of an app's secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from flaskwright.errors import UsageError
from flaskwright.inventory import load
from flaskwright.secrets.entries import Entries
from flaskwright.secrets.operator_passwords import sudo_password
from tests.hosts_file import host_in

APP = """
secrets = ["MYSQL_AUTH/password"]
plain = ["MYSQL_AUTH/host"]
"""
FILE = """\
# what the app needs
export MYSQL_AUTH_PASSWORD="two words # and \\"more\\""
MYSQL_AUTH_HOST=localhost   # of the database
API_KEY='it $TAKES nothing'
FLASKWRIGHT_PI_SUDO=open-sesame
EMPTY=
"""


def written(directory: Path, text: str, name: str = ".env") -> Entries:
    (directory / name).write_text(text)
    (directory / name).chmod(0o600)
    host_in(directory, app=APP, host=f'keyring = {{ file = "{name}" }}')
    path = directory / "hosts.toml"
    key = 'env = { API_KEY = "secret:WEATHER/key",'
    path.write_text(path.read_text().replace("env = {", key))
    return Entries(load(path).hosts["pi"])


@pytest.mark.parametrize("name", [".env", ".env.prod", "blog.env"])
def test_a_variable_means_an_entry_by_its_name(tmp_path: Path, name: str) -> None:
    entries = written(tmp_path, FILE, name)
    assert entries.get("MYSQL_AUTH", "password") == 'two words # and "more"'
    assert entries.get("MYSQL_AUTH", "host") == "localhost"
    assert entries.get("MYSQL_AUTH", "user") is None


def test_an_entry_that_fills_a_variable_may_stand_under_that_variable_s_name(
    tmp_path: Path,
) -> None:
    assert written(tmp_path, FILE).get("WEATHER", "key") == "it $TAKES nothing"
    assert written(tmp_path, "WEATHER_KEY=by-its-entry\n").get("WEATHER", "key") == "by-its-entry"


def test_the_operator_s_own(tmp_path: Path) -> None:
    written(tmp_path, FILE)
    host = host_in(tmp_path, host='keyring = { file = ".env" }')
    assert sudo_password(host).read() == "open-sesame"


def test_a_bad_line_is_told_by_its_number_and_not_by_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 2 is no variable") as caught:
        written(tmp_path, "A=1\nthe secret itself\n").get("MYSQL_AUTH", "password")
    assert "secret itself" not in f"{caught.value.what}{caught.value.why}{caught.value.log}"


def test_one_that_others_may_read_is_refused_with_the_cure(tmp_path: Path) -> None:
    entries = written(tmp_path, FILE)
    (tmp_path / ".env").chmod(0o644)
    with pytest.raises(UsageError, match="is not used") as caught:
        entries.get("MYSQL_AUTH", "password")
    assert caught.value.next.startswith("chmod 600 ")


def test_it_is_read_only_and_says_the_line_to_write(tmp_path: Path) -> None:
    entries = written(tmp_path, "")
    with pytest.raises(UsageError) as caught:
        entries.set("MYSQL_AUTH", "password", "a-new-value")
    assert caught.value.next == f"put MYSQL_AUTH_PASSWORD=… into {tmp_path / '.env'}"
    with pytest.raises(UsageError) as caught:
        entries.must_be_whole()
    assert f"put API_KEY=… into {tmp_path / '.env'}" in caught.value.log


def test_there_is_none(tmp_path: Path) -> None:
    entries = written(tmp_path, "")
    (tmp_path / ".env").unlink()
    assert entries.get("MYSQL_AUTH", "password") is None
