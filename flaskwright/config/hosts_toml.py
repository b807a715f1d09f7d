"""hosts.toml: found, read, checked as a whole."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ..errors import UsageError
from . import rules
from .keys import Top
from .problems import Place
from .table import Table
from .trust import HostsFile, trouble_with
from .trusted_keys import acts_of

FILE = "hosts.toml"
PROJECT = Path(__file__).resolve().parents[2]
EXAMPLE = """\
[apps.blog]
repo = "https://git.example.org/blog.git"

[hosts.pi]
guide = "raspberry-pi"
address = "raspberrypi.local"
user = "pi"
app = "blog"
"""


def locate() -> Path:
    """Return where hosts.toml is, or would be.

    FLASKWRIGHT_HOSTS names it; else it is the next one from here upward, or the project's.
    """
    named = os.environ.get("FLASKWRIGHT_HOSTS")
    if named:
        return Path(named).expanduser()
    try:
        here = Path.cwd()
        upward = (directory / FILE for directory in (here, *here.parents))
        return next(filter(Path.is_file, upward), PROJECT / FILE)
    except OSError as error:
        raise UsageError(
            f"{FILE}: cannot look for it from here",
            why=f"{error.filename or 'This directory'}: {error.strerror}.",
            next="change to another directory, or name the file in FLASKWRIGHT_HOSTS",
        ) from None


def is_last_resort(path: Path) -> bool:
    """Tell whether this is the project's own file, read because none is on the way from here up."""
    here = Path.cwd()
    return path == PROJECT / FILE and PROJECT not in (here, *here.parents)


def spelled(path: Path) -> str:
    """Return a file's name, with its directory unless that is the one we are in."""
    try:
        return path.name if path.parent.resolve() == Path.cwd() else str(path)
    except OSError:
        return str(path)


def read(path: Path) -> Top:
    """Return what the file says; raises UsageError with every problem that it has."""
    return _checked(path, _text(path)[0])


def opened(path: Path | None = None) -> tuple[HostsFile, Top]:
    """Return a file, by default the one that `locate` gives, and what it says; raises UsageError.

    One that is neither given, nor named, nor the project's own was found on the way.
    """
    found = path is None and not os.environ.get("FLASKWRIGHT_HOSTS")
    path = path or locate()
    text, status = _text(path)
    top = _checked(path, text)
    if not found or path.parent.resolve() == PROJECT:
        return HostsFile(path, acts=acts_of(top, path)), top
    return HostsFile(path, True, trouble_with(status), acts_of(top, path)), top


def _checked(path: Path, text: str) -> Top:
    place = Place(path.name)
    top = Table(Top).read(_parsed(path, text), place)
    rules.check(top, place)
    if place.problems:
        raise _refused(path, place.problems)
    return top


def _refused(path: Path, problems: list[str]) -> UsageError:
    several = len(problems) > 1
    return UsageError(
        problems[0],
        why=f"{path.name} has {len(problems)} problems." if several else "",
        log=problems if several else (),
        next=f"edit {path}; docs/hosts-toml.md has every key",
    )


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(path, text, str(error)) from None


def _text(path: Path) -> tuple[str, os.stat_result]:
    """Return what is in the file, and what the file is that this was in."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(), os.fstat(file.fileno())
    except FileNotFoundError:
        raise UsageError(
            f"{path.name}: there is none at {path}",
            why="It says which hosts there are and which app each runs.",
            log=EXAMPLE.strip().split("\n"),
            next=f"write {path}, for example with these lines, or name another file in "
            "FLASKWRIGHT_HOSTS",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path.name}: cannot read {path}: {reason}") from None


def _not_toml(path: Path, text: str, message: str) -> UsageError:
    """Tell where the file stops being TOML, with the line itself."""
    lines = text.split("\n")
    reason, number, column = message, len(lines), len(lines[-1]) + 1
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.S)
    if found:
        reason = found[1]
        number, column = int(found[2] or number), int(found[3] or column)
    return UsageError(
        f"{path.name}: line {number}, column {column}: {reason}",
        why="The file is not TOML.",
        log=_pointed(lines[min(number, len(lines)) - 1], column),
        next=f"edit line {number} of {path}",
    )


def _pointed(line: str, column: int) -> tuple[str, str]:
    visible = "".join(c if c.isprintable() else " " for c in line)
    return visible, " " * (column - 1) + "^"
