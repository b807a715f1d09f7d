"""Migrations, their backups and the hooks: with an app of one table, which it keeps in WAL mode."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from .conftest import Live, on
from .project import Said
from .trouble import told, wait_until
from .visitor import page

pytestmark = on("bookworm")

NOTES = (Path(__file__).parent / "apps" / "notes.py").read_text()
BEGIN = """
import os, sqlite3, sys, time
db = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT)")
columns = [row[1] for row in db.execute("PRAGMA table_info(note)")]
print("migrates in", os.getcwd(), "for", os.environ["FLASKWRIGHT_RELEASE"], *sys.argv[1:])
"""
COLUMN = """
if "{0}" not in columns:
    db.execute("ALTER TABLE note ADD COLUMN {0} TEXT")
"""
UNDONE = "db.execute('BEGIN'); db.execute('ALTER TABLE note ADD COLUMN bad TEXT'); 1 / 0\n"
HALF = "db.execute('CREATE TABLE half (id)'); db.close()\n"
BROKEN = "raise SystemExit('broken after half of it')\n"
WAITS = """
until, db = time.monotonic() + 30, sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
while time.monotonic() < until:
    time.sleep(0.1)
    if db.execute("SELECT 1 FROM note WHERE text = 'third'").fetchone():
        break
db.close()
"""
FLAG = "/srv/guestbook/shared/hooks.txt"
HOOK = "import os\nopen(os.environ['LOG'], 'a').write('{} ' + os.getcwd() + '\\n')\n"


@pytest.fixture(scope="module")
def app(live: Live) -> Live:
    """The app with its first schema, deployed over the sample app's database."""
    live.project.add("notes.py", NOTES)
    live.project.add("migrate.py", BEGIN)
    declare(live)
    live.deploy()
    assert page(live.address, "/add/first") == "added"
    return live


def declare(live: Live, **more: Any) -> None:
    env = {"DATABASE": "{shared}/notes.db", "LOG": FLAG}
    migrate = "python migrate.py 'two words' {release}"
    live.project.declare(**{"wsgi": "notes:app", "env": env, "migrate": migrate, **more})


def migration(live: Live, *parts: str) -> None:
    live.project.add("migrate.py", "".join([BEGIN, *parts]))


def columns(live: Live) -> list[str]:
    return page(live.address, "/health").split()


def tables(live: Live) -> str:
    script = "import sqlite3; db = sqlite3.connect('/srv/guestbook/shared/notes.db'); "
    script += "print(*[row[0] for row in db.execute('SELECT name FROM sqlite_master')])"
    return live.shell(f'sudo -u guestbook python3 -c "{script}"')


def backups(live: Live) -> list[dict[str, Any]]:
    said = live.project.on_host("backups.list", "--json")
    assert said.code == 0, str(said)
    rows: list[dict[str, Any]] = answer(live, said)["backups"]
    return rows


def answer(live: Live, said: Said) -> dict[str, Any]:
    found: dict[str, Any] = said.told(live.project.name)["outcomes"][0]["answer"]
    return found


def verdicts(live: Live) -> list[dict[str, str]]:
    lines = live.shell("sudo cat /var/lib/flaskwright/guestbook/releases.jsonl").splitlines()
    return [json.loads(line) for line in lines]


def test_the_first_migration_has_made_the_database(app: Live) -> None:
    assert columns(app) == ["id", "text"]
    assert "nothing to do" in app.deploy().err


def test_a_migration_with_a_backup(app: Live) -> None:
    before = app.current()
    migration(app, COLUMN.format("who"))
    dry = app.project.on_host("deploy", "--dry-run")
    assert "would run  migrated" in dry.out, str(dry)
    said = app.deploy()

    assert columns(app) == ["id", "text", "who"]
    assert page(app.address) == "first"
    backup = backups(app)[0]
    assert f"backup {backup['backup']} from before" in said.err
    assert (backup["for release"], backup["databases"]) == (before, "guestbook.db, notes.db")
    assert verdicts(app)[-1]["migrated"] == backup["backup"]
    place = f"/srv/guestbook/backups/{backup['backup']}"
    shown = app.shell(f"sudo stat -c '%U %a %n' {place} {place}/files/notes.db").splitlines()
    assert shown == [f"guestbook 700 {place}", f"guestbook 600 {place}/files/notes.db"]
    assert app.shell(f"sudo ls -A {place}").split() == ["files"]
    assert "nothing to do" in app.deploy().err


def test_a_migration_that_has_nothing_to_do_leaves_no_backup(app: Live) -> None:
    known = [row["backup"] for row in backups(app)]
    app.project.add("more.py", "")
    assert "changed nothing" in app.deploy().err
    assert [row["backup"] for row in backups(app)] == known
    assert "migrated" not in verdicts(app)[-1]


def test_what_fails_within_a_transaction_is_undone_by_it(app: Live) -> None:
    live, known = app.current(), len(backups(app))
    migration(app, UNDONE)
    said = app.project.on_host("deploy")
    told(said, 1, "the migration failed: exit status 1", "ZeroDivisionError", "had to be restored")
    assert (app.current(), len(backups(app))) == (live, known)
    assert columns(app) == ["id", "text", "who"]


def test_half_done_work_is_taken_back_where_nobody_else_has_written(app: Live) -> None:
    live = app.current()
    migration(app, HALF, BROKEN)
    said = app.project.on_host("deploy")
    told(said, 1, "| broken after half of it", "so the backup was restored", f"release {live}")
    assert "half" not in tables(app)
    assert app.current() == live
    assert page(app.address, "/add/second") == "added"
    assert page(app.address) == "first second"


def test_half_done_work_beside_a_writer_is_left_to_a_person(app: Live) -> None:
    live = app.current()
    migration(app, HALF, WAITS, BROKEN)
    with ThreadPoolExecutor() as threads:
        deploying = threads.submit(app.project.on_host, "deploy")
        until = time.monotonic() + 60
        while "half" not in tables(app) and time.monotonic() < until:
            time.sleep(0.2)
        assert page(app.address, "/add/third") == "added"
        said = deploying.result()
    told(said, 3, "is not restored by itself", "the app has served meanwhile", "look  ")
    backup = backups(app)[0]["backup"]
    assert f"backups.restore --id {backup}" in said.err
    assert "half" in tables(app)
    assert page(app.address) == "first second third"
    assert app.current() == live

    said = app.project.on_host("backups.restore", "--id", backup)
    assert said.code == 0, str(said)
    assert "half" not in tables(app)
    assert page(app.address) == "first second"
    fresh = re.search(r"what was there: backup (\S+)", said.out)
    assert fresh, str(said)
    again = app.project.on_host("backups.restore", "--id", backup)
    assert "nothing: the databases are as they were then" in again.out
    back = app.project.on_host("backups.restore", "--id", fresh[1])
    assert (back.code, page(app.address)) == (0, "first second third")
    app.project.on_host("backups.restore", "--id", backup)


def test_another_process_with_the_database_open_is_a_writer(app: Live) -> None:
    migration(app, HALF, BROKEN, "#")
    holder = "import sqlite3, time; db = sqlite3.connect('/srv/guestbook/shared/notes.db'); "
    holder += "db.execute('SELECT * FROM note').fetchall(); time.sleep(600)"
    unit = "sudo systemd-run --quiet --unit holder --uid guestbook"
    app.shell(f'{unit} python3 -c "{holder}"; sleep 1')
    said = app.project.on_host("deploy")
    app.shell("sudo systemctl stop holder")
    told(said, 3, "another process has them open")
    app.project.on_host("backups.restore", "--id", backups(app)[0]["backup"])
    assert "half" not in tables(app)


def test_a_backup_that_is_not_there(app: Live) -> None:
    known = backups(app)[0]["backup"]
    told(app.project.on_host("backups.restore", "--id", "x"), 1, "backup x is not", known)
    told(app.project.on_host("backups.restore", "--id", "../x"), 1, "is not on the host")
    told(app.project.on_host("backups.restore"), 1, "which backup?", known)


def test_a_canary_that_fails_after_a_migration_says_that_the_schema_is_ahead(app: Live) -> None:
    live = app.current()
    migration(app, COLUMN.format("who"), COLUMN.format("at"))
    health = "def health() -> str:\n"
    app.project.add("notes.py", NOTES.replace(health, f"{health}    1 / 0\n"))
    said = app.project.on_host("deploy")
    backup = backups(app)[0]["backup"]
    told(said, 1, "is not well", "data  the schema is ahead", f"backups.restore --id {backup}")
    assert app.current() == live
    assert columns(app) == ["id", "text", "who", "at"]
    assert verdicts(app)[-1]["migrated"] == backup

    app.project.add("notes.py", NOTES)
    assert "changed nothing" in app.deploy().err


def test_a_rollback_across_migrations_says_so(app: Live) -> None:
    first = next(line for line in verdicts(app) if line["verdict"] == "serving")["id"]
    dry = app.project.on_host("rollback", "--dry-run", "--to", first)
    assert "the schema is ahead" in dry.err, str(dry)
    second, older = next(
        (line["id"], line["migrated"]) for line in verdicts(app) if line.get("migrated")
    )
    said = app.project.on_host("rollback", "--to", second)
    assert said.code == 0, str(said)
    assert "the schema is ahead" in said.err
    assert older not in said.err  # the release knew what came after that one
    live = app.deploy()
    assert "the schema is ahead" not in live.err


def test_hooks_run_before_the_switch_and_after_the_commit(app: Live) -> None:
    for name in ("before", "after"):
        app.project.add(f"{name}.py", HOOK.format(name))
    hooks = {"before_switch": "python before.py", "after_commit": "python after.py"}
    declare(app, hooks=hooks)
    app.deploy()
    place = f"/srv/guestbook/releases/{app.current()}/code"
    written = [f"before {place}", f"after {place}"]
    assert app.shell(f"sudo cat {FLAG}").splitlines() == written
    assert app.shell(f"sudo stat -c %U {FLAG}") == "guestbook\n"
    assert "nothing to do" in app.deploy().err
    assert app.shell(f"sudo cat {FLAG}").splitlines() == written


def test_a_hook_before_the_switch_that_fails_leaves_what_serves(app: Live) -> None:
    live = app.current()
    migration(app, COLUMN.format("hooked"))
    app.project.add("before.py", "raise SystemExit('not today')\n")
    said = app.project.on_host("deploy")
    told(said, 1, "the hook before_switch failed: exit status 1", "| not today", f"release {live}")
    assert "data  the schema is ahead" in said.err
    last = verdicts(app)[-1]
    assert (last["verdict"], last["migrated"]) == ("failed", backups(app)[0]["backup"])
    assert app.current() == live
    app.project.add("before.py", "")


def test_a_hook_after_the_commit_that_fails_leaves_the_release_live(app: Live) -> None:
    live = app.current()
    app.project.add("after.py", "raise SystemExit('too late')\n")
    said = app.project.on_host("deploy")
    told(said, 3, "the hook after_commit failed: exit status 1", "| too late", "is live and stays")
    assert app.current() != live
    assert verdicts(app)[-1]["verdict"] == "serving"
    assert "nothing to do" in app.deploy().err


def waiting(live: Live) -> subprocess.Popen[str]:
    """Begin a deploy, and wait until its migration has done half of its work."""
    migration(live, HALF, WAITS, BROKEN)
    process = live.project.start("-H", live.project.name, "deploy")
    wait_until(live, "pgrep -c -f ^python.migrate.py", "1")
    until = time.monotonic() + 20
    while "half" not in tables(live) and time.monotonic() < until:
        time.sleep(0.2)
    return process


def test_a_migration_that_is_stopped_is_taken_back(app: Live) -> None:
    live = app.current()
    process = waiting(app)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1, err
    assert "so the backup was restored" in err
    assert "half" not in tables(app)
    assert app.current() == live


def test_a_migration_that_something_has_killed_is_for_a_person(app: Live) -> None:
    live = app.current()
    process = waiting(app)
    unit = "flaskwright.transaction.guestbook.service"
    app.shell(f"sudo systemctl kill --kill-who=main --signal=KILL {unit}")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 3, err
    backup = backups(app)[0]["backup"]
    assert f"backups.restore --id {backup}" in err
    assert app.project.on_host("backups.restore", "--id", backup).code == 0
    assert "half" not in tables(app)
    assert app.current() == live
    assert app.shell("pgrep -c -f [m]igrate.py", check=False) == "0\n"


def test_a_command_that_takes_too_long_is_ended(app: Live) -> None:
    live = app.current()
    migration(app, "time.sleep(900)\n")
    declare(app, deploy_timeout=30)
    began = time.monotonic()
    said = app.project.on_host("deploy")
    told(said, 1, "the migration was ended: no time is left", f"release {live}")
    assert time.monotonic() - began < 90
    assert app.shell("pgrep -c -f migrate.py", check=False) == "0\n"
    assert app.current() == live


def test_only_the_last_backups_are_kept(app: Live) -> None:
    migration(app, COLUMN.format("more"))
    declare(app, keep=1)
    app.deploy()
    (row,) = backups(app)
    assert app.shell("sudo ls /srv/guestbook/backups").split() == [
        row["backup"],
        f"{row['backup']}.json",
    ]
