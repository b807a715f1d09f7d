"""Files, directories and links."""

from typing import ClassVar, Literal

from .base import AtPath, resource

Checker = Literal["nginx", "systemd", "visudo"]


@resource
class Directory(AtPath):
    """A directory with its owner and mode; what is in it is left alone."""

    kind: ClassVar[str] = "directory"
    owner: str = "root"
    group: str = "root"
    mode: int = 0o755


@resource
class File(AtPath):
    """A file of ours; `check` names the program that must accept it before it takes its place."""

    kind: ClassVar[str] = "file"
    content: str
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    check: Checker | None = None


@resource
class Link(AtPath):
    """A symbolic link; its target may not be there yet."""

    kind: ClassVar[str] = "link"
    target: str
    check: Checker | None = None


@resource
class Absent(AtPath):
    """Nothing at this path; what somebody else put there is kept beside it."""

    kind: ClassVar[str] = "absent"


@resource
class Line(AtPath):
    """One line of a file that belongs to somebody else.

    The first line that matches `pattern` becomes `line`; where none does, `line` follows the one
    that matches `after`.
    """

    kind: ClassVar[str] = "line"
    pattern: str
    line: str
    after: str
    check: Checker | None = None

    @property
    def name(self) -> str:
        """The path and the line: a file may have several."""
        return f"{self.path}:{self.line.strip()}"
