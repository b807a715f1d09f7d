"""Copies of an app's databases: made before a migration, listed, and the oldest removed."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time

from ..app.releases import Releases
from ..common.text import now
from ..engine.errors import Failed
from ..releases.command_unit import BACKUP, command_unit
from ..system import disk
from ..system.owners import gid, uid
from ..system.paths import make_directories
from . import sqlite_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..common.place import Place
    from ..engine.run import Run
    from ..system.transient_unit import TransientUnit
    from .writers import Writers

    Note = dict[str, Any]

    Changes = dict[str, list[str]]


CHANGES = ("changed", "gone", "made")

VERBS = {"backup": "backed up", "compare": "compared with their backup", "restore": "put back"}


class Backups:
    """What there is of an app's: backups/ID, and ID.json, which says what it is.

    The directory is the app's, who alone may read what is in it; the note is root's, and so is
    ID.sql.gz, the dump of a MySQL database.
    """

    def __init__(self, place: Place) -> None:
        self.place = place.backups

    def ids(self) -> list[str]:
        """Give the ids of all backups that are whole, the oldest first."""
        names = os.listdir(self.place) if os.path.isdir(self.place) else []
        return sorted(name[: -len(".json")] for name in names if name.endswith(".json"))

    def surplus(self, keep: int, needed: str) -> list[str]:
        """Give what can go: all but the last `keep`, and the one that is `needed`."""
        return [one for one in self.ids()[:-keep] if one != needed]

    def path(self, backup: str) -> str:
        """Give the directory of a backup by its id."""
        return os.path.join(self.place, backup)

    def dump(self, backup: str) -> str:
        """Give the file of one for a MySQL database, which most have none of."""
        return self.path(backup) + ".sql.gz"

    def note(self, backup: str) -> Note:
        """Give the note of a backup: release, why, databases; {} where there is none."""
        data = disk.read(self.path(backup) + ".json")
        note: Note = json.loads(data.decode("utf-8")) if data else {}
        return note

    def add(self, backup: str, **more: Any) -> None:
        """Add fields to the JSON note of a backup."""
        data = json.dumps({**self.note(backup), **more}).encode("ascii")
        disk.write(self.path(backup) + ".json", data, mode=0o600)

    def remove(self, backup: str) -> None:
        """Remove a backup, its note first: what has none is not whole."""
        disk.remove(self.path(backup) + ".json")
        with contextlib.suppress(OSError):
            disk.remove_tree(self.path(backup))
        disk.remove(self.dump(backup))


class Backing(Backups):
    """The databases that the app has below its own directory; its user has its name."""

    def __init__(self, run: Run) -> None:
        super().__init__(run.place)
        self.run = run
        self.app = run.place.name
        self.shared = run.place.shared

    def take(self, backup: str, **about: str) -> Note:
        """Back every database up, under a name; gives the note. Raises Failed."""
        self._make(backup)
        try:
            taken = self.copy(backup)
            disk.sync_tree(self.place)
            self.add(backup, id=backup, since=now(), who=self.run.who, **taken, **about)
        except BaseException:
            self.remove(backup)
            raise
        return self.note(backup)

    def copy(self, backup: str) -> dict[str, Any]:
        """Copy every database; gives what the note says of them, `databases` with their sizes."""
        return {"databases": self._do("backup", backup)}

    def compare(self, backup: str) -> Changes:
        """Give the databases `changed` since, `gone` and `made`; all empty: nothing differs."""
        changes: Changes = self._do("compare", backup)
        return changes

    def restore(self, backup: str, names: list[str], made: list[str]) -> None:
        """Put databases back, and put aside what was `made` since; raises Failed."""
        left = self._do("restore", backup, names=names, made=made)
        wrong = [name for name in left["changed"] + left["gone"] if name in names]
        if wrong:
            raise Failed("%s differs from its backup again" % ", ".join(wrong))

    def doubt(self, changes: Changes, writers: Writers) -> str:
        """Say why somebody else may have written what `changes` names; empty: nobody has."""
        return ""

    def differences(self, backup: str) -> list[str]:
        """Say what differs within databases, where `compare` is too little; raises Failed."""
        return []

    def _make(self, backup: str) -> None:
        make_directories(self.place)
        os.chown(self.place, -1, gid(self.app))
        os.chmod(self.place, 0o750)  # noqa: S103 - the app has to come to its own
        os.mkdir(self.path(backup), 0o700)
        os.chown(self.path(backup), uid(self.app), gid(self.app))

    def _do(self, action: str, backup: str, **more: Any) -> Any:
        """Have the program do something as the app's user; gives its answer, raises Failed.

        The app could reach into it: so names are taken that lead nowhere else, and numbers.
        """
        request = {"action": action, "root": self.shared, "place": self.path(backup), **more}
        source = sqlite_program.__spec__.loader.get_source(sqlite_program.__name__)  # type: ignore
        argv = [sys.executable or "/usr/bin/python3", "-I", "-c", source]
        output = self._unit(backup).command(argv, input=json.dumps(request).encode("ascii"))
        if output.status != 0:
            what = "the databases below %s could not be %s" % (self.shared, VERBS[action])
            raise Failed(what, log=output.tail())
        return _checked(output.out, action)

    def _unit(self, backup: str) -> TransientUnit:
        """Give the sandbox of the live release, or of the only one, with the backup in it."""
        releases = Releases(self.run.place)
        release = releases.current() or "".join(releases.ids()[-1:])
        unit = command_unit(self.run, release, BACKUP)
        unit.properties.append("BindPaths=" + self.path(backup))
        return unit


def _checked(said: str, action: str) -> Any:
    try:
        answer = json.loads(said)
        if action == "backup":
            pairs = answer.items()
            good = all(isinstance(size, int) and _is_inside(name) for name, size in pairs)
        else:
            good = all(_is_inside(name) for key in CHANGES for name in answer[key])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        good = False
    if not good:
        raise Failed("the databases could not be %s" % VERBS[action], "the answer makes no sense")
    return answer


def _is_inside(name: Any) -> bool:
    """Tell whether it is a path that stays below the directory it is in."""
    return isinstance(name, str) and ".." not in name.split("/") and not name.startswith("/")


def new_id() -> str:
    """Give a name that tells when, as a transaction's does."""
    at = time.time()
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(at)) + "-%03d" % (at % 1 * 1000)
