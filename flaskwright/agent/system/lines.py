"""Single lines in files that belong to somebody else."""

from __future__ import annotations

import os
import re
import stat

from ..engine.errors import Failed, NotYet
from ..engine.handler import Handler, handles
from . import disk, originals
from .checks import checked
from .files import unified

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


@handles("line")
class Line(Handler):
    """One line of a file: it takes the place of the first that matches, or follows another."""

    path: str
    pattern: str
    line: str
    after: str
    check: str | None

    def wanted(self) -> State:
        """Give the line as it should stand in the file."""
        return {"line": self.line}

    def actual(self) -> State:
        """Read the first line that matches, commented out or not, as the pattern allows."""
        found = [line for line in self._lines() if re.search(self.pattern, line)]
        return {"line": found[0] if found else None}

    def fix(self, differing: list[str]) -> None:
        """Write the file with the line, keeping owner, mode and once the original."""
        data = ("\n".join(self._changed()) + "\n").encode("utf-8", "surrogateescape")
        if self.check is not None:
            checked(self.check, self.run, self.path, lambda path: _put(path, data))
        real = os.path.realpath(self.path)
        status = os.stat(real)
        if not originals.kept(real):
            originals.copy(real)
        disk.write(real, data, status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Show the change with its surroundings."""
        return unified(self.path, self.path, self._lines(), self._changed())

    def note(self) -> str:
        """Say that the original is kept, the first time."""
        real = os.path.realpath(self.path)
        return "" if originals.kept(real) else originals.note(real)

    def _lines(self) -> list[str]:
        try:
            with open(self.path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                lines = file.read().split("\n")
            return lines if lines[-1] else lines[:-1]
        except FileNotFoundError:
            if self.run.checking:
                raise NotYet("the file %s" % self.path) from None
            raise Failed("%s is not there" % self.path, "a line of it should change") from None

    def _changed(self) -> list[str]:
        lines = self._lines()
        for number, line in enumerate(lines):
            if re.search(self.pattern, line):
                return [*lines[:number], self.line, *lines[number + 1 :]]
        for number, line in enumerate(lines):
            if re.search(self.after, line):
                return [*lines[: number + 1], self.line, *lines[number + 1 :]]
        why = "no line matches %s or %s" % (self.pattern, self.after)
        raise Failed("%s has no place for the line" % self.path, why, [self.line.strip()])


def _put(path: str, data: bytes) -> None:
    os.unlink(path)
    with open(path, "wb") as file:
        file.write(data)
