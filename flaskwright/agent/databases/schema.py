"""A database whose schema is newer than the code that serves: who has to know, and the way back."""

from __future__ import annotations

from ..app.history import SERVING
from . import leftovers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..app.history import Verdicts
    from ..engine.run import Run
    from .backups import Backups

    Fields = dict[str, Any]


BEGUN, DONE, SETTLED = "begun", "done", "settled"  # how far a migration came
AHEAD = "the schema is ahead: the database was migrated to release %s, and only the code was undone"
BEYOND = "the schema is ahead: the database was migrated to release %s, and stays so"
BACK = "; ./fab backups.restore --id %s brings the one from before back, without what came since"


def tell(run: Run, fields: Fields, booting: bool = False) -> None:
    """Say what the migration of a transaction that is undone has left; `fields` are its own."""
    migration = fields.get("migration") or {}
    if migration.get("state") == DONE:
        run.about.ahead = _sentence(AHEAD, migration["release"], migration["backup"])
    elif migration.get("state") == BEGUN:
        leftovers.look_at(run, fields, migration["backup"], booting)


def migrated(fields: Fields) -> dict[str, str]:
    """Give what a verdict says of the transaction's migration; nothing where none changed much."""
    migration = fields.get("migration") or {}
    return {"migrated": migration["backup"]} if migration.get("state") == DONE else {}


def beyond(verdicts: Verdicts, backups: Backups, release: str) -> str:
    """Say that the schema is newer than what a release knew; empty where it is not."""
    lines = verdicts.lines()
    lived = [line["id"] == release and line["verdict"] == SERVING for line in lines]
    later = lines[lived.index(True) + 1 :] if True in lived else lines
    ahead = [line for line in later if "migrated" in line and line["id"] != release]
    ahead = [line for line in ahead if not _is_taken_back(line["migrated"], backups)]
    return _sentence(BEYOND, ahead[-1]["id"], ahead[0]["migrated"]) if ahead else ""


def _sentence(text: str, release: str, backup: str) -> str:
    return text % release + (BACK % backup if backup else "")


def _is_taken_back(backup: str, backups: Backups) -> bool:
    """Tell whether this backup, or an earlier one, was restored after it was taken."""
    notes = [backups.note(one) for one in backups.ids() if one <= backup]
    return any(note.get("restored", "") > backup for note in notes)
