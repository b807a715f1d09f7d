"""Apps and migrations that fail by themselves, each in the phase in which it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.hosts.project import Project, Said
from tests.hosts.trouble import told

from .faults import Fault
from .trial import Trial

START = "app = Flask(__name__)\n"  # a line of the sample app
# the process in which it is so: the canary's, or the slots' and not the canary's
WHERE = {
    "canary": "'FLASKWRIGHT_CANARY' in os.environ",
    "switch": "'FLASKWRIGHT_CANARY' not in os.environ",
}
IMPORTS = "if {where}: import {module}\n"
HEALTH = """
asked = []

@app.before_request
def trouble() -> None:
    if {where} and request.path == "/health":
        asked.append(None)
        {happens}

"""
DEATH = "os._exit(1)"
APPS = {
    "import error": (IMPORTS, {"module": "nothing_of_that_name"}, "nothing_of_that_name"),
    "dependency missing": (IMPORTS, {"module": "iniconfig"}, "No module named 'iniconfig'"),
    "app ends itself": ("if {where}: raise SystemExit('good bye')\n", {}, "good bye"),
    "health answers 500": (HEALTH, {"happens": "1 / 0"}, "ZeroDivisionError"),
    "health hangs": (HEALTH, {"happens": "time.sleep(60)"}, "/health"),
    "healthy, then dies": (HEALTH, {"happens": f"len(asked) > 1 and {DEATH}"}, "/health"),
}
MIGRATION = """
import os, sqlite3
db = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
db.execute("{begin}")
db.execute("CREATE TABLE half (id)")
db.execute("INSERT INTO nowhere VALUES (1)")
"""
HALF = "import sqlite3; db = sqlite3.connect('/srv/guestbook/shared/guestbook.db'); "
HALF += "print(*db.execute('SELECT name FROM sqlite_master WHERE name = \\\"half\\\"'))"


@contextmanager
def committed(project: Project, files: Mapping[str, str], **keys: Any) -> Iterator[None]:
    """Commit files and declare keys; in the end both are as they were."""
    for path, text in files.items():
        (project.app / path).write_text(text)
    project.commit("trouble")
    project.declare(**keys)
    try:
        yield
    finally:
        project.declare()
        project.git("revert", "--no-edit", "HEAD")


def deployed(trial: Trial, *words: str) -> Said:
    """Deploy, which has to fail, and to say why in plain words."""
    trial.deploy()
    said = trial.said(300)
    told(said, 1, *words, f"live  release {trial.before}", "  next  ")
    return said


def app(text: str, values: Mapping[str, str], word: str) -> Fault:
    """The app does not work."""

    def fault(trial: Trial, phase: str) -> Said:
        project = trial.live.project
        more = text.format(where=WHERE[phase], **values)
        trial.dies = DEATH in more
        source = (project.app / "app.py").read_text()
        assert START in source
        with committed(project, {"app.py": source.replace(START, START + more)}):
            return deployed(trial, word)

    return fault


def migration(begin: str, word: str) -> Fault:
    """The migration fails after half of its work."""

    def fault(trial: Trial, phase: str) -> Said:
        files = {"migrate.py": MIGRATION.format(begin=begin)}
        trial.alone = True  # a backup is not restored over what visitors may have written
        with committed(trial.live.project, files, migrate="python migrate.py"):
            said = deployed(trial, "no such table: nowhere", word)
        assert not trial.live.shell(f'sudo -u guestbook python3 -c "{HALF}"').strip()
        return said

    return fault


APP_FAULTS: dict[str, tuple[Fault, tuple[int, ...], tuple[str, ...]]] = {
    **{name: (app(*case), (1,), tuple(WHERE)) for name, case in APPS.items()},
    "migration fails": (migration("BEGIN", "had to be restored"), (1,), ("migrate",)),
    "migration half done": (migration("SELECT 1", "backup was restored"), (1,), ("migrate",)),
}
