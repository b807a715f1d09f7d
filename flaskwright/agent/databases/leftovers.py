"""What a migration that failed has left: nothing, its own half of the work, or a question."""

from __future__ import annotations

import contextlib
import os

from .. import kinds
from ..engine.errors import Failed
from .backups import Backing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine.run import Run
    from .backups import Changes
    from .writers import Writers


UNTOUCHED = "its databases are as they were before: nothing had to be restored"
UNKNOWN = "there is no SQLite database below %s: what it has left is not known"
RESTORED = "it had left work half done; nobody else had written since, so the backup was restored"
PERSON = "it may have left work half done, and the backup is not restored by itself: %s"
LOOK = (
    "the databases differ from backup %s, from before the migration%s; "
    "./fab backups.restore --id %s puts it back, without what was written since"
)


def settle(run: Run, backups: Backing, backup: str, writers: Writers) -> str:
    """Put the databases right after a migration that failed, where that is safe; gives a sentence.

    Where it is not, it is a matter for a person, and `run.about` says so. `writers` have been
    looked at before the backup was taken.
    """
    try:
        return _settled(backups, backup, writers)
    except Failed as failed:
        leave_to_a_person(run, backup, _state(backups, backup))
        return PERSON % (failed.why or failed.what)


def look_at(run: Run, fields: dict[str, Any], backup: str, booting: bool) -> None:
    """Look at what a migration has left that something has killed."""
    backups = _backups_of(run, fields)
    with contextlib.suppress(Failed):
        if not booting and not any(backups.compare(backup).values()):
            backups.remove(backup)
            return
    leave_to_a_person(run, backup, "" if booting else _state(backups, backup))


def _backups_of(run: Run, fields: dict[str, Any]) -> Backing:
    database = fields["migration"].get("mysql")
    if not database:
        return Backing(run)
    mysql = kinds.module("databases/mysql/database")  # which stands on this wing
    backups: Backing = mysql.MysqlBacking(run, database)
    return backups


def _state(backups: Backing, backup: str) -> str:
    """Say in brackets what differs from the backup, where that can be told; else nothing."""
    try:
        told = backups.differences(backup)
    except Failed:
        return ""
    return " (%s)" % "; ".join(told) if told else ""


def leave_to_a_person(run: Run, backup: str, state: str = "") -> None:
    """Say what somebody has to look at, besides what was said before; of each backup once."""
    said = run.about.person
    if backup not in said:
        run.about.person = "; ".join(filter(None, [said, LOOK % (backup, state, backup)]))


def _settled(backups: Backing, backup: str, writers: Writers) -> str:
    changes = backups.compare(backup)
    if not any(changes.values()):
        found = backups.note(backup)["databases"]
        backups.remove(backup)
        return UNTOUCHED if found else UNKNOWN % backups.shared
    _must_be_ours_alone(backups, changes, writers)
    backups.restore(backup, changes["changed"] + changes["gone"], changes["made"])
    _must_not_have_written(writers)
    return RESTORED


def _must_be_ours_alone(backups: Backing, changes: Changes, writers: Writers) -> None:
    """Raise Failed where somebody else may have written since the backup, or may write now."""
    _must_not_have_written(writers)
    known, made = (
        [os.path.join(backups.shared, name) for name in names]
        for names in (changes["changed"] + changes["gone"], changes["made"])
    )
    others = writers.holders(known) | writers.holders(made, slots=True)
    if others:
        pids = ", ".join(map(str, sorted(others)))
        raise Failed("another process has them open (%s)" % pids)
    doubt = backups.doubt(changes, writers)
    if doubt:
        raise Failed(doubt)


def _must_not_have_written(writers: Writers) -> None:
    if writers.have_written():
        raise Failed("the app has served meanwhile, and may have written to them")
