"""Who may have written an app's databases: its slots, whose writes are counted, and others."""

from __future__ import annotations

import os
import re

from ..engine import procfs
from ..engine.cgroups import processes_in
from ..engine.procfs import everyone, users_of
from ..system.owners import users_of_app
from .sqlite_program import SIDES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..common.place import Place

    Written = dict[int, tuple[str, str]]


class Writers:
    """The processes of the slots of an app, told by their control group, and all others."""

    def __init__(self, place: Place) -> None:
        self.users = users_of_app(place.name)
        self.slots = place.slot_units
        self.before = self._written()

    def have_written(self) -> bool:
        """Tell whether a process of a slot may have written since this was made.

        Only where nobody came, nobody went, and the kernel counts no byte more, nobody has.
        """
        return self._written() != self.before

    def are_there(self) -> bool:
        """Tell whether a slot ran when this was made, or runs now."""
        return bool(self.before or self._written())

    def _written(self) -> Written:
        """Give how much each has written so far, in files or elsewhere, its ended children too."""
        return {pid: (_started(pid), _counted(pid)) for pid in self._of_slots()}

    def holders(self, paths: Iterable[str], slots: bool = False) -> set[int]:
        """Give the processes that have one of these databases open; those of `slots` too, if so.

        Only root's and those of the app's user: nobody else can open what is the app's.
        """
        files = {_file(path + side) for path in paths for side in SIDES} - {None}
        theirs = [pid for pid in everyone() if users_of(pid) & self.users]
        found = {pid for pid in theirs if files & set(map(_file, _open_files(pid)))}
        return found if slots else found - self._of_slots()

    def _of_slots(self) -> set[int]:
        return {pid for slot in self.slots for pid in processes_in(slot)}


def _text(pid: int, name: str) -> str:
    return procfs.read(pid, name).decode("utf-8", "replace")


def _started(pid: int) -> str:
    fields = procfs.stat(pid)
    return fields[procfs.STARTED] if fields else ""


def _counted(pid: int) -> str:
    found = re.search(r"^wchar: (\d+)$", _text(pid, "io"), re.MULTILINE)
    return found.group(1) if found else ""


def _open_files(pid: int) -> list[str]:
    place = "/proc/%d/fd" % pid
    try:
        return [os.path.join(place, name) for name in os.listdir(place)]
    except OSError:
        return []


def _file(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
