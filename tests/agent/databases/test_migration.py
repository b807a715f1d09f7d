"""Migrations, hooks, backups: with real databases and real programs, in a temporary directory."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

from flaskwright.agent.app.history import FAILED, SERVING, Verdicts
from flaskwright.agent.app.releases import Releases
from flaskwright.agent.common.place import Place
from flaskwright.agent.databases import leftovers, migration, schema
from flaskwright.agent.databases.backups import Backing
from flaskwright.agent.databases.writers import Writers
from flaskwright.agent.releases.commands import run_in
from flaskwright.agent.transaction.pending import Pending

from ..app_host import AppHost
from ..support import ME, fields, result

NEW, OLD = "20261120-110000-bbbbbbb", "20261120-100000-aaaaaaa"
ID = "20261120-110000-000"


@pytest.fixture
def host(tmp_path, operator, monkeypatch):
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    host.has(OLD, NEW)
    execute(host, "CREATE TABLE t (x)")
    return host


@pytest.fixture
def run(host):
    run = host.run()
    run.detached = True
    run.about.release, run.transaction = NEW, ID
    Pending(run.place).note(id=ID, app=ME)
    return run


def execute(host, *statements):
    with closing(sqlite3.connect(host.root / "shared" / "a.db", isolation_level=None)) as db:
        return [db.execute(statement).fetchall() for statement in statements][-1]


def program(host, *statements, status=0):
    """What changes the database and ends with a status, as the operator's side sends it."""
    lines = [
        "import sqlite3, sys",
        f"db = sqlite3.connect({str(host.root / 'shared' / 'a.db')!r}, isolation_level=None)",
        *(f"db.execute({one!r})" for one in statements),
        "print('for', sys.argv[1])",
        f"sys.exit({status})",
    ]
    return [sys.executable, "-c", "\n".join(lines), "{release}"]


def migrated(host, argv):
    return fields("migrated", argv=argv, keep=2)


def hook(host, kind, *argv):
    return fields(kind, argv=list(argv))


def backing(host, run):
    return Backing(run)


def test_the_live_release_has_its_schema(host, run):
    run.about.release = OLD
    assert result(run, migrated(host, ["false"]))["state"] == "ok"


def test_a_dry_run_waits_for_the_release(host):
    dry = host.run("check")
    dry.states["release"] = "would run"  # nobody knows its name
    kinds = ("before-switch", "after-commit")
    for resource in (migrated(host, ["true"]), *(hook(host, kind, "true") for kind in kinds)):
        assert result(dry, resource)["note"] == "after the release is made"


def test_a_migration_keeps_the_backup_from_before(host, run):
    done = result(run, migrated(host, program(host, "ALTER TABLE t ADD COLUMN y")))

    assert (done["state"], done["note"]) == ("changed", f"backup {ID} from before")
    note = backing(host, run).note(ID)
    assert (note["release"], list(note["databases"])) == (OLD, ["a.db"])
    pending = Pending(run.place).read()
    assert (pending["release"], schema.migrated(pending)) == (NEW, {"migrated": ID})
    assert result(run, migrated(host, ["false"]))["state"] == "ok"


def test_one_that_changes_nothing_leaves_no_backup(host, run):
    done = result(run, migrated(host, program(host)))

    assert done["note"] == "changed nothing"
    assert backing(host, run).ids() == []
    assert schema.migrated(Pending(run.place).read()) == {}


def test_without_a_database_it_is_said_that_none_was_backed_up(host, run):
    (host.root / "shared" / "a.db").unlink()

    assert result(run, migrated(host, ["true"]))["note"] == "no SQLite database to back up"
    assert schema.migrated(Pending(run.place).read()) == {"migrated": ""}


@pytest.mark.parametrize("statements", [(), ("BEGIN", "ALTER TABLE t ADD COLUMN y")])
def test_a_failure_that_has_left_nothing_restores_nothing(host, run, statements):
    failed = result(run, migrated(host, program(host, *statements, status=3)))

    assert failed["what"] == "the migration failed: exit status 3"
    assert failed["why"] == leftovers.UNTOUCHED
    assert failed["log"] == [f"for {NEW}"]
    assert backing(host, run).ids() == []
    assert not run.about.person


def test_one_that_is_not_there_has_left_nothing(host, run):
    (host.root / "shared" / "a.db").unlink()
    program = "import sys; sys.exit('flsk: there is no such command: nothing ran')"

    failed = result(run, migrated(host, [sys.executable, "-c", program]))

    assert failed["what"] == "flsk: there is no such command: nothing ran"
    assert failed["why"].endswith("; the migration failed: exit status 1")
    assert "requirements" in failed["next"]


def test_half_of_the_work_is_taken_back(host, run):
    failed = result(run, migrated(host, program(host, "ALTER TABLE t ADD COLUMN y", status=1)))

    assert failed["why"].endswith(leftovers.RESTORED)
    assert execute(host, "SELECT name FROM pragma_table_info('t')") == [("x",)]
    assert not run.about.person


def test_it_is_taken_back_too_when_somebody_asks_for_a_stop(host, run, monkeypatch):
    argv = program(host, "ALTER TABLE t ADD COLUMN y")

    def stop(*args):
        run_in(*args)
        run.stop("as asked")

    monkeypatch.setattr(migration, "run_in", stop)
    failed = result(run, migrated(host, argv))

    assert (failed["what"], failed["why"]) == ("stopped", f"as asked; {leftovers.RESTORED}")
    run.stop("too late for that")


def test_it_is_not_where_the_app_may_have_written(host, run, monkeypatch):
    monkeypatch.setattr(Writers, "have_written", lambda self: True)

    failed = result(run, migrated(host, program(host, "ALTER TABLE t ADD COLUMN y", status=1)))

    assert "the app has served meanwhile" in failed["why"]
    assert f"./fab backups.restore --id {ID}" in run.about.person
    assert len(execute(host, "SELECT name FROM pragma_table_info('t')")) == 2


def test_who_has_a_database_open_is_known_and_what_it_wrote_is_counted(host, monkeypatch):
    path = str(host.root / "shared" / "a.db")
    text = f"f = open({path!r}); print(flush=True); input(); open('/dev/null', 'w').write('x'); "
    text += "print(flush=True); input()"
    argv = [sys.executable, "-c", text]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()

    assert Writers(Place("blog")).holders([path]) == {process.pid}
    monkeypatch.setattr(Writers, "_of_slots", lambda self: {process.pid})
    writers = Writers(Place("blog"))
    assert writers.holders([path]) == set()
    assert writers.holders([path], slots=True) == {process.pid}
    assert not writers.have_written()
    process.stdin.write(b"\n")
    process.stdin.flush()
    process.stdout.readline()
    assert writers.have_written()
    process.communicate()


def test_what_a_cut_off_migration_has_left_is_looked_at(host, run):
    backing(host, run).take(ID, release=OLD, why="")
    Pending(run.place).note(migration={"release": NEW, "backup": ID, "state": schema.BEGUN})
    pending = Pending(run.place).read()

    schema.tell(run, pending, booting=True)
    assert "from before the migration" in run.about.person
    run.about.person = ""
    schema.tell(run, pending)
    assert not run.about.person and backing(host, run).ids() == []
    schema.tell(run, pending)  # there is nothing to compare with any more
    schema.tell(run, pending)
    assert run.about.person.count("backups.restore") == 1


def test_after_an_undo_the_schema_is_ahead(run):
    schema.tell(run, {"migration": {"release": NEW, "backup": ID, "state": schema.DONE}})

    assert f"migrated to release {NEW}" in run.about.ahead
    assert f"./fab backups.restore --id {ID}" in run.about.ahead


@pytest.mark.parametrize(
    ("lines", "restored", "backup"),
    [
        ([(OLD, SERVING, None), (NEW, SERVING, None)], {}, None),
        ([(OLD, SERVING, "1"), (NEW, SERVING, "2"), ("x", FAILED, "3")], {}, "2"),
        ([(OLD, SERVING, "1"), (NEW, SERVING, "2"), ("x", FAILED, "3")], {"2": "4"}, None),
        ([(OLD, SERVING, "1"), (NEW, SERVING, "2"), ("x", FAILED, "3")], {"3": "4"}, "2"),
        ([(OLD, SERVING, None), (NEW, SERVING, "2"), (OLD, SERVING, None)], {}, "2"),
    ],
)
def test_how_far_the_schema_is_beyond_a_release(host, run, lines, restored, backup):
    verdicts, backups = Verdicts(run.place), backing(host, run)
    for release, verdict, before in lines:
        more = {} if before is None else {"migrated": before}
        verdicts.add(id=release, verdict=verdict, **more)
    for one, fresh in restored.items():
        backups.take(one, release=OLD, why="")
        backups.add(one, restored=fresh)

    said = schema.beyond(verdicts, backups, OLD)
    assert f"--id {backup} " in said if backup else said == ""


def test_a_backup_is_listed_and_put_back_once(host, run):
    backing(host, run).take(ID, release=OLD, why="x")
    execute(host, "INSERT INTO t VALUES (1)")
    restore = fields("backup-restore", backup=ID)
    listed = fields("backup-list")

    first, second = result(run, restore), result(run, restore)

    assert first["answer"]["restored"] == ["a.db"]
    assert "nothing" in second["answer"]["restored"]
    fresh = first["answer"]["what was there"].split()[1]
    assert [row["backup"] for row in result(run, listed)["answer"]["backups"]] == [fresh, ID]
    assert execute(host, "SELECT count(*) FROM t") == [(0,)]
    result(run, dict(restore, backup=fresh))
    assert execute(host, "SELECT count(*) FROM t") == [(1,)]


@pytest.mark.parametrize("name", ["x", "../x", "", f"{ID}/files"])
def test_a_backup_that_is_not_there_is_told_with_those_that_are(host, run, name):
    backing(host, run).take(ID, release=OLD, why="x")
    restore = fields("backup-restore", backup=name)
    assert result(run, restore)["why"] == f"those that are: {ID}"


def test_a_backup_is_the_apps_and_its_note_is_not(host, run):
    backing(host, run).take(ID, release=OLD, why="x")
    place = host.root / "backups"
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in place.iterdir()}
    assert modes == {ID: "0o700", f"{ID}.json": "0o600"}
    assert json.loads((place / f"{ID}.json").read_text())["who"] == "me@here"


def test_a_hook_before_the_switch_runs_once_and_not_for_what_is_live(host, run, tmp_path):
    script = ["sh", "-c", f"echo {{release}} >> {tmp_path}/said"]

    assert result(run, hook(host, "before-switch", *script))["state"] == "changed"
    assert result(run, hook(host, "before-switch", *script))["state"] == "ok"
    assert (tmp_path / "said").read_text() == f"{NEW}\n"
    run.about.release = OLD
    assert result(run, hook(host, "before-switch", "false"))["state"] == "ok"


def test_a_hook_that_fails_says_what_to_do_next(host, run):
    failed = result(run, hook(host, "before-switch", "false"))

    assert failed["what"] == "the hook before_switch failed: exit status 1"
    assert failed["next"] == "correct it, commit, and deploy again"


def test_a_hook_after_the_commit_runs_when_something_went_live(host, run):
    assert result(run, hook(host, "after-commit", "false"))["state"] == "ok"
    run.states["serving"] = "changed"

    failed = result(run, hook(host, "after-commit", "sh", "-c", "echo no; exit 2"))

    assert (failed["what"], failed["log"]) == (
        "the hook after_commit failed: exit status 2",
        ["no"],
    )
    assert f"release {NEW} is live and stays" in run.about.person


def test_a_command_has_as_long_as_the_transaction(host, run, monkeypatch):
    run.ends = time.monotonic() + 1
    failed = result(run, hook(host, "before-switch", "sleep", "60"))
    assert failed["what"] == "the hook before_switch was ended: no time is left"


def test_backups_stay_as_long_as_releases(host, run):
    for number in range(3):
        backing(host, run).take(f"{ID}{number}", release=OLD, why="x")
    Releases(host.place).switch("")
    kept = fields("kept", keep=2)
    done = result(run, kept)
    assert f"removes backups/{ID}0" in done["diff"]
    assert backing(host, run).ids() == [f"{ID}1", f"{ID}2"]
    assert sorted(os.listdir(host.root / "backups"))[0] == f"{ID}1"


def test_the_backup_from_before_the_live_release_stays(host, run):
    for number in range(3):
        backing(host, run).take(f"{ID}{number}", release=OLD, why="x")
    live = Releases(host.place).current()
    Verdicts(run.place).add(id=live, verdict="serving", migrated=f"{ID}0")
    done = result(run, fields("kept", keep=1))
    assert done["state"] == "changed", done
    assert backing(host, run).ids() == [f"{ID}0", f"{ID}2"]


def test_deploys_that_fail_pile_up_no_backups(host, run):
    for number in range(4):
        backing(host, run).take(f"20261119-{number}", release=OLD, why="x")
    Verdicts(run.place).add(id=OLD, verdict=SERVING, migrated="20261119-0")

    argv = program(host, "ALTER TABLE t ADD COLUMN y", status=1)
    assert result(run, migrated(host, argv))["state"] == "failed"

    assert backing(host, run).ids() == [f"20261119-{number}" for number in (0, 2, 3)] + [ID]
