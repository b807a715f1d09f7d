"""Dumps read object by object, with programs that stand in for the server's."""

from __future__ import annotations

import gzip
import stat
from pathlib import Path

import pytest

from flaskwright.agent.databases.mysql import client as mysql_client
from flaskwright.agent.databases.mysql import dump as mysql_dump
from flaskwright.agent.databases.mysql.database import differences
from flaskwright.agent.engine import command
from flaskwright.agent.engine.errors import Failed

DUMP = """\
/*!M!999999\\- enable the sandbox mode */
-- Host: localhost    Database: notes
/*!40000 DROP DATABASE IF EXISTS `notes`*/;

--
-- Table structure for table `note`
--

CREATE TABLE `note` (
  `line` text
) ENGINE=InnoDB AUTO_INCREMENT={next} DEFAULT CHARSET=utf8mb4;

--
-- Dumping data for table `note`
--

INSERT INTO `note` VALUES ('{row}');

--
-- Dumping routines for database 'notes'
--
-- Dump completed
"""


def objects(text: str) -> mysql_dump.Objects:
    sections = mysql_dump.Sections()
    for line in text.encode().splitlines(keepends=True):
        sections.add(line)
    return sections.objects()


def dumped(**more: object) -> str:
    return DUMP.format(**{"next": 2, "row": "one", **more})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (dumped(), []),
        (dumped().replace("Host: localhost", "Host: other"), []),
        (dumped(row="two"), ["table note: other rows"]),
        (dumped(next=3), ["table note: other rows"]),
        (dumped().replace("`line` text", "`line` blob"), ["table note: another form"]),
        (dumped().replace("table `note`", "table `n`"), ["table n: new", "table note: gone"]),
        (dumped(row="-- Table structure for table `x`"), ["table note: other rows"]),
        (dumped().replace("-- Dump c", "CREATE FUNCTION f\n-- Dump c"), ["routines: another form"]),
    ],
)
def test_what_became_of_a_database(text: str, said: list[str]) -> None:
    assert differences(objects(dumped()), objects(text)) == said


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dumper that says what lies in `dump`, and a client that keeps what it is given."""
    place = tmp_path / "bin"
    place.mkdir()
    for name, text in {
        "mysqldump": 'test -e "$HERE/dump" || { echo "mysqldump: gone" >&2; exit 2; }\n'
        'echo "$@" >"$HERE/argv"; cat "$HERE/dump"\n',
        "mysql": 'cat >"$HERE/given"; test ! -e "$HERE/refuses" || '
        '{ echo "ERROR 1050 (42S01) at line 3: no" >&2; exit 1; }\n',
    }.items():
        (place / name).write_text("#!/bin/sh\n" + text.replace("$HERE", str(tmp_path)))
        (place / name).chmod(0o755)
    for module in (command, mysql_client):
        monkeypatch.setattr(module, "PATH", f"{place}:/usr/bin:/bin")
    monkeypatch.setattr(mysql_dump, "program", lambda names: str(place / names[1]))
    (tmp_path / "dump").write_text(dumped())
    return tmp_path


def test_a_dump_goes_into_a_file_of_root_and_back(programs: Path) -> None:
    path = programs / "x.sql.gz"
    found = mysql_dump.dump("notes", str(path))

    assert found == objects(dumped()) == mysql_dump.look("notes")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert gzip.decompress(path.read_bytes()).decode() == dumped()
    assert (programs / "argv").read_text().endswith(" notes\n")
    mysql_dump.load(str(path), found)
    assert (programs / "given").read_text() == dumped()


def test_what_cannot_be_dumped(programs: Path) -> None:
    (programs / "dump").unlink()
    with pytest.raises(Failed) as caught:
        mysql_dump.dump("notes", str(programs / "x.sql.gz"))
    assert caught.value.log == ["mysqldump: gone"]
    with pytest.raises(Failed):
        mysql_dump.look("--all-databases")


def test_a_file_that_is_not_whole_is_not_loaded(programs: Path) -> None:
    path = programs / "x.sql.gz"
    found = mysql_dump.dump("notes", str(path))
    whole = path.read_bytes()
    for broken in (whole[:-20], gzip.compress(dumped(row="two").encode())):
        path.write_bytes(broken)
        with pytest.raises(Failed):
            mysql_dump.load(str(path), found)
    assert not (programs / "given").exists()


def test_what_the_server_refuses_is_told_by_its_number(programs: Path) -> None:
    path = programs / "x.sql.gz"
    found = mysql_dump.dump("notes", str(path))
    (programs / "refuses").touch()
    with pytest.raises(Failed) as caught:
        mysql_dump.load(str(path), found)
    assert (caught.value.what, caught.value.why) == ("MySQL refused", "error 1050 (42S01)")
