"""Backups listed, and put back because somebody has asked for it."""

from __future__ import annotations

from ..app.releases import Releases
from ..engine.errors import Failed
from ..engine.handler import Act, handles
from .backups import Backing, Backups, new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


@handles("backup-list")
class BackupList(Act):
    """The app's backups, a row each."""

    reads = True

    def act(self) -> State:
        """Give a row for each backup, the newest first."""
        backups = Backups(self.run.place)
        return {"backups": [_row(backups, one) for one in reversed(backups.ids())]}


@handles("backup-restore")
class BackupRestore(Act):
    """The databases of one backup, where they differ, in the place of those that are there."""

    backup: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.backups = Backing(run)

    def act(self) -> State:
        """Back up what is there, and restore; raises Failed where there is no such backup."""
        self._must_be_known()
        changes = self.backups.compare(self.backup)
        names = changes["changed"] + changes["gone"]
        if not names:
            return {"restored": "nothing: the databases are as they were then"}
        fresh = new_id()
        why = "before backups.restore --id %s" % self.backup
        self.backups.take(fresh, release=Releases(self.run.place).current(), why=why)
        self._restore(names, fresh)
        note = self.backups.note(self.backup)
        return {
            "restored": names,
            "as of": note["since"],
            "for release": note["release"] or "none",
            "what was there": "backup %s" % fresh,
            **({"left alone": changes["made"]} if changes["made"] else {}),
        }

    def _restore(self, names: list[str], fresh: str) -> None:
        try:
            self.backups.restore(self.backup, names, [])
        except Failed as failed:
            advice = "./fab backups.restore --id %s brings back what was there" % fresh
            raise Failed(failed.what, failed.why, failed.log, advice) from None
        self.backups.add(self.backup, restored=fresh)

    def _must_be_known(self) -> None:
        known = self.backups.ids()
        if self.backup not in known:
            why = "those that are: %s" % (", ".join(reversed(known)) or "none")
            missing = "backup %s is not on the host" % self.backup
            raise Failed(missing if self.backup else "which backup?", why)


def _row(backups: Backups, backup: str) -> dict[str, str]:
    note = backups.note(backup)
    return {
        "backup": backup,
        "since": note["since"],
        "databases": ", ".join(note["databases"]),
        "size": _size(sum(note["databases"].values())),
        "for release": note["release"],
        "why": note["why"],
    }


def _size(count: int) -> str:
    """Give a number of bytes in the unit that suits it."""
    return "%d kB" % (count >> 10) if count < 1 << 20 else "%.1f MB" % (count / (1 << 20))
