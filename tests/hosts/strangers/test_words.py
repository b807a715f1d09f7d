"""An app that says odd things wherever somebody listens: nothing dies of it, nothing gets through.

In systemd's status, in the journal, in its processes' arguments, in names of files and databases;
and its secret, in 26 spellings.
"""

from __future__ import annotations

import json
import re
import shlex
import unicodedata
from pathlib import Path

import pytest

from flaskwright.secrets.redactor import HIDDEN
from tests import spellings

from ..conftest import HERE, Live, on
from ..project import Said

pytestmark = on("bookworm", whole=["trixie"])

VALUE = "Correct-Horse\"Bättery'9"
COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("releases",),
    ("logs", "-n", "1000"),
    ("logs", "-n", "1000", "--json"),
    ("logs", "--grep", "printed"),
    ("backups.list",),
    ("backups.list", "--json"),
    ("verify",),
    ("gunicorn.status",),
    ("reload",),
    ("deploy",),
    ("rollback",),
    ("status",),
    ("attach",),
)
# a person's process, which is nobody's business, and a socket under a name of several lines
STRANGER = """
import os, socket, sys, time
if len(sys.argv) < 3:
    odd = b"\\xff /srv/guestbook/releases/\\xff\\n"
    os.execv(sys.executable, [odd, b"-c", sys.argv[1].encode(), b"\\xff\\n", b"x"])
listener = socket.socket(socket.AF_UNIX)
listener.bind(b"\\0x\\n\\nodd \\xff row")
listener.listen()
time.sleep(3000)
"""


class Spoken:
    """The host after all of it, and what was said here."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.said: list[tuple[str, Said]] = []

    def fab(self, *arguments: str) -> Said:
        said = self.live.project.on_host(*arguments)
        self.said.append((" ".join(arguments), said))
        return said


@pytest.fixture(scope="module")
def spoken(live: Live) -> Spoken:
    """Deploy the talkative app twice, and ask everything that may be asked."""
    project, story = live.project, Spoken(live)
    (project.directory / "secrets.json").write_text(json.dumps({"TALK": {"one": VALUE}}))
    (project.directory / "secrets.json").chmod(0o600)
    project.declare(
        host={"keyring": {"file": "secrets.json"}}, secrets=["TALK/one"], migrate="python talker.py"
    )
    (project.app / "requirements.txt").write_text("flask>=3.0\nkeyring\n")
    (project.app / "spelled.py").write_text(Path(spellings.__file__).read_text())
    (project.app / "talker.py").write_text((HERE / "apps" / "talker.py").read_text())
    project.change("app.py", "app = Flask(__name__)\n", "app = Flask(__name__)\nimport talker\n")
    script = shlex.quote(STRANGER)
    live.shell(f"sudo -u nobody setsid python3 -c {script} {script} </dev/null >/dev/null 2>&1 &")
    story.fab("deploy")
    project.change("templates/index.html", "</h1>", "</h1><!-- next -->")
    story.fab("deploy")
    for command in COMMANDS:
        story.fab(*command)
    return story


def test_every_command_comes_to_its_end(spoken: Spoken) -> None:
    for command, said in spoken.said:
        assert said.code == 0, f"{command}: {said}"
        assert "mistake" not in said.out + said.err, f"{command}: {said}"


def test_nothing_that_cannot_be_seen_is_shown(spoken: Spoken) -> None:
    for command, said in spoken.said:
        for text in (said.out, said.err):
            unseen = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
            assert unseen <= {"\n", "\t"}, f"{command}: {unseen}"
        if "--json" in command:
            assert "\\u202e" not in said.out


def test_what_it_has_said_is_there(spoken: Spoken) -> None:
    shown = spoken.said[2 + 3][1].out
    for text in ("app      printed oddred", "first of two", "second of two", "says it is systemd"):
        assert text in shown
    assert not re.search("systemd  .*(of two|says it is systemd)", shown)
    assert max(map(len, shown.split("\n"))) < 5000


def test_a_status_is_no_fact(spoken: Spoken) -> None:
    for name in ("status --json",):
        (answer,) = [said for command, said in spoken.said if command == name]
        (outcome,) = answer.told(spoken.live.project.name)["outcomes"]
        assert outcome["answer"]["service"].startswith("guestbook@")


def test_each_database_is_in_the_backup(spoken: Spoken) -> None:
    (listed,) = [said for command, said in spoken.said if command == "backups.list"]
    assert "guestbook.db" in listed.out
    assert "-rf .db" in listed.out
    rows = [line for line in listed.out.split("\n") if line]
    assert all(re.match(r"\d{8}-|backup", row.strip()) for row in rows), listed.out


def test_no_spelling_of_the_secret_got_into_the_journal(spoken: Spoken) -> None:
    raw = spoken.live.shell("sudo journalctl --all --output=cat --unit='guestbook@*' | cat -v")
    for number, spelling in enumerate(spellings.SPELLINGS):
        found = re.findall(rf"(?s)<{number}\|(.*?)\|>", raw)
        assert found, f"{spelling} was not printed"
        for written in found:
            assert HIDDEN in written, f"{spelling}: {written}"
            assert len(written) <= len(HIDDEN) + 40, f"{spelling}: {written}"


def test_no_spelling_of_the_secret_is_shown_here(spoken: Spoken) -> None:
    for command, said in spoken.said:
        for number, spelling in enumerate(spellings.SPELLINGS):
            for written in re.findall(rf"(?s)<{number}\|(.*?)\|>", said.out + said.err):
                assert HIDDEN in written, f"{command}, {spelling}: {written}"
