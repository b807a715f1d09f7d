"""The database brought to a release's schema, after a backup."""

from __future__ import annotations

from ..app.history import Verdicts
from ..app.releases import Releases
from ..engine.errors import Failed, Stopped, Unwell
from ..engine.handler import Handler, handles
from ..releases.command_failures import USUAL, never_ran
from ..releases.commands import release_of, run_in
from .backups import Backing
from .leftovers import settle
from .schema import BEGUN, DONE, SETTLED
from .writers import Writers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.run import Run


@handles("migrated")
class Migrated(Handler):
    """The release's own command has run, with every SQLite database backed up before it."""

    keys = ("migrated",)
    detached = True
    argv: tuple[str, ...]
    keep: int

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.releases = Releases(run.place)
        self.backups = Backing(run)

    def wanted(self) -> State:
        """Give the id of the release that this run is about, as the one to be migrated to."""
        return {"migrated": release_of(self.run)}

    def actual(self) -> State:
        """A release that is live, or that this run has migrated to, has its schema."""
        release = self.wanted()["migrated"]
        known = (self.releases.current(), self.run.about.migrated)
        return {"migrated": release if release in known else None}

    def fix(self, differing: list[str]) -> None:
        """Back up and migrate; raises Failed, with the database as it was where that is safe."""
        release = self.wanted()["migrated"]
        self.run.phase("migrate")
        self._make_room()
        backup, writers = self.run.transaction, Writers(self.run.place)
        why = "before the migration of release %s" % release
        self.backups.take(backup, release=self.releases.current(), why=why)
        self._note(release, backup, BEGUN)
        try:
            run_in(self, release, "the migration")
        except (Failed, Stopped) as trouble:
            self.run.close_to_stops()
            left = settle(self.run, self.backups, backup, writers)
            whys = [trouble.why, "" if never_ran(trouble.log) else left]
            self._note(release, backup, SETTLED)
            advice = "" if self.run.about.person else USUAL
            kind = Unwell if isinstance(trouble, Unwell) else Failed
            why = "; ".join(filter(None, whys))
            raise kind(trouble.what, why, trouble.log, trouble.next or advice) from None
        self._done(release, backup)

    def note(self) -> str:
        """Give what the migration has said of itself; empty where none ran."""
        said: str = self.run.cache.get("migration", "")
        return said

    def about(self) -> State:
        """Say what else a person who undoes the migration by hand must know."""
        return {}

    def _make_room(self) -> None:
        """Remove old backups: a deploy that fails gets to no pruning."""
        needed = Verdicts(self.run.place).backup(self.releases.current())
        for old in self.backups.surplus(self.keep, needed):
            self.backups.remove(old)

    def _done(self, release: str, backup: str) -> None:
        """Keep the backup where the migration has changed what is in it."""
        found = self.backups.note(backup)["databases"]
        changes = self._changes(backup)
        self.run.about.migrated = release
        if changes["changed"] or changes["gone"]:
            self.run.cache["migration"] = "backup %s from before" % backup
            self._note(release, backup, DONE)
            return
        self.backups.remove(backup)
        none = not found and not changes["made"]
        said = "no SQLite database to back up" if none else "made " + ", ".join(changes["made"])
        self.run.cache["migration"] = said if none or changes["made"] else "changed nothing"
        self._note(release, "", DONE if none or changes["made"] else SETTLED)

    def _changes(self, backup: str) -> dict[str, list[str]]:
        """Compare; what cannot be compared counts as changed."""
        try:
            return self.backups.compare(backup)
        except Failed:
            return {"changed": ["?"], "gone": [], "made": []}

    def _note(self, release: str, backup: str, state: str) -> None:
        """Write down how far it came, for whoever has to undo; its verdict remembers it."""
        migration = {"release": release, "backup": backup, "state": state, **self.about()}
        self.run.remember(release=release, migration=migration)
