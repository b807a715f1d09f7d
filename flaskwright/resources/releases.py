"""A release: code, configuration and environment of one commit, and commands run in one."""

from dataclasses import dataclass, field
from typing import ClassVar

from .base import OfApp, PartOfApp, resource


@dataclass(frozen=True)
class ReleaseFile:
    """A rendered file of a release."""

    content: str
    mode: int = 0o644
    group: str = "root"


@resource
class Release(PartOfApp):
    """An immutable directory: code of one commit, its venv, its unit, site and configuration.

    `static` are the paths that nginx serves by itself; `workers` are the keys worker_class, workers
    and threads, as far as they are given.
    """

    kind: ClassVar[str] = "release"
    builder: str
    wsgi: str
    directory: str
    shared: tuple[str, ...]
    static: tuple[str, ...] = ()
    workers: tuple[str | None, int | None, int | None] = (None, None, None)
    files: dict[str, ReleaseFile] = field(default_factory=dict)


@resource
class BeforeSwitch(PartOfApp):
    """A command of the app has run in a release that is not live yet."""

    kind: ClassVar[str] = "before-switch"
    argv: tuple[str, ...]


@resource
class AfterCommit(PartOfApp):
    """A command of the app has run in the release that this run has made live."""

    kind: ClassVar[str] = "after-commit"
    rank: ClassVar[int] = 4
    argv: tuple[str, ...]


@resource
class AppCommand(OfApp):
    """A program run as the app's user; piped: byte for byte, with our standard input."""

    kind: ClassVar[str] = "app-command"
    argv: tuple[str, ...]
    piped: bool = False


@resource
class AppShell(OfApp):
    """What runs a program as the app's user on a person's terminal; it is told, not run."""

    kind: ClassVar[str] = "app-shell"
    argv: tuple[str, ...]
