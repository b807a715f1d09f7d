"""The mistakes that beginners make most: what they are told, and that it cures them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import Live, on
from .project import APP, Project
from .trouble import converges, steady, told

pytestmark = on("bookworm")

Change = Callable[[Project], object]
START = "app = Flask(__name__)\n"  # a line of the sample app, after its imports


@dataclass(frozen=True)
class Mistake:
    """What is wrong, the first words about it, further ones, and what they tell to do."""

    made: Change
    first: str
    words: tuple[str, ...]
    cure: Change | None = None


def code(text: str) -> Change:
    """Add lines to the app's module."""
    return lambda project: project.change("app.py", START, START + text)


def declares(**keys: Any) -> Change:
    """Write other keys for the app in hosts.toml."""
    return lambda project: project.declare(**keys)


def requires(data: bytes) -> Change:
    """Write other requirements."""

    def write(project: Project) -> None:
        (project.app / "requirements.txt").write_bytes(data)
        project.commit("requirements")

    return write


WRITES = (
    "import sqlite3\nsqlite3.connect('visits.db').execute('CREATE TABLE IF NOT EXISTS v (x)')\n"
)
READS = "import os\nGREETING = os.environ['GREETING']\n"
MISTAKES = {
    "a callable that is not there": Mistake(
        declares(wsgi="app:application"),
        'app.py has no "application"; it has "app"',
        ('wsgi = "app:app" in hosts.toml', "is not well; it was tried where no visitor comes"),
        declares(wsgi="app:app"),
    ),
    "a module that nothing requires": Mistake(
        code("import tomli_w\n"),
        "ModuleNotFoundError: No module named 'tomli_w'",
        ("requirements.txt does not name it", "add a line tomli_w to requirements.txt"),
        requires(b"flask\ntomli_w\n"),
    ),
    "a database beside the code": Mistake(
        code(WRITES),
        "sqlite3.OperationalError: unable to open database file",
        ("its database is visits.db, beside its code", 'shared = ["visits.db"] in hosts.toml'),
        declares(shared=["visits.db"]),
    ),
    "a variable that is not there": Mistake(
        code(READS),
        "KeyError: 'GREETING'",
        ("environment has no GREETING", 'env = { GREETING = "VALUE" } in hosts.toml'),
        declares(env={**APP["env"], "GREETING": "hello"}),  # type: ignore[dict-item]
    ),
    "a migration that is not there": Mistake(
        declares(migrate="flsk db upgrade"),
        "flsk: there is no such command: nothing ran",
        ("neither in the app's environment nor on the host", "the migration failed"),
    ),
    "a migration that nothing gives to flask": Mistake(
        declares(migrate="flask db upgrade"),
        "Error: No such command 'db'.",
        ("Flask-Migrate is not set up in the app", "add Flask-Migrate to the requirements"),
    ),
    "a pin that is too new for the host": Mistake(
        requires(b"flask\ndjango==6.0\n"),
        "ERROR: Could not find a version that satisfies the requirement django==6.0",
        ("that version of django is not made for Python 3.11", "`python` in hosts.toml"),
    ),
    "an app that serves by itself": Mistake(
        lambda project: project.add("app.py", "from flask import Flask\n" + START + "app.run()\n"),
        "app.py calls app.run() when it is imported",
        ("a server of its own", 'below `if __name__ == "__main__":`'),
    ),
}
# The first waits for two minutes, until it counts as one that hangs; the other is in bad_apps too.
LONG = {"an app that serves by itself", "a pin that is too new for the host"}
CASES = [pytest.param(case, marks=[pytest.mark.long] if case in LONG else []) for case in MISTAKES]


@pytest.fixture(autouse=True)
def restored(live: Live) -> None:
    live.project.restore()


@pytest.mark.parametrize("case", CASES)
def test_the_app_s_own_word_stands_first_and_the_advice_cures(live: Live, case: str) -> None:
    mistake = MISTAKES[case]
    mistake.made(live.project)
    with steady(live) as release:
        said = live.project.on_host("deploy")
        told(said, 1, *mistake.words, f"live  release {release}")
    (failed,) = [line for line in said.err.split("\n") if "failed  " in line][-1:]
    assert f"failed  {mistake.first}" in failed, str(said)
    assert "Job for" not in said.err, str(said)
    if mistake.cure:
        mistake.cure(live.project)
        live.deploy()


@pytest.mark.long
def test_requirements_of_powershell_are_read_as_pip_reads_them(live: Live) -> None:
    requires("flask\r\ntomli_w\r\n".encode("utf-16"))(live.project)

    live.deploy()

    installed = live.shell("ls /srv/guestbook/current/.venv/lib/python3*/site-packages")
    assert "tomli_w" in installed.split()


def test_in_the_end_the_host_is_as_good_as_new(live: Live) -> None:
    live.project.change("templates/index.html", "</h1>", "</h1><!-- next -->")
    converges(live)
