"""Files of variables, as people keep them beside an app: NAME=value."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import UsageError

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*")
_EMPTY = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = re.compile(r"[^\n]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}


def read(path: Path) -> dict[str, str]:
    """Return the variables of a file; raises UsageError, which repeats nothing of it."""
    try:
        return parsed(path.read_text(encoding="utf-8").replace("\r\n", "\n"), path.name)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"cannot read {path}: it is not UTF-8") from None


def parsed(text: str, name: str) -> dict[str, str]:
    """Return the variables of a text.

    In single quotes all is literal; in double ones a backslash has \\n, \\r, \\t and takes the
    meaning of any other character; a bare value ends before ` #`. `$` means nothing anywhere. Of a
    name that stands twice the last value counts.
    """
    found, place = {}, 0
    while place < len(text):
        empty = _EMPTY.match(text, place)
        if empty:
            place = empty.end()
            continue
        key = _NAME.match(text, place)
        if not key:
            raise _unread(text, place, name)
        value, place = _value(text, key.end())
        rest = _EMPTY.match(text, place)
        if not rest:
            raise _unread(text, place, name)
        found[key[1]], place = value, rest.end()
    return found


def _value(text: str, place: int) -> tuple[str, int]:
    """Return the value that begins at `place`, and where it ends."""
    single, double = _SINGLE.match(text, place), _DOUBLE.match(text, place)
    if single:
        return single[1], single.end()
    if double:
        return _ESCAPE.sub(lambda e: _MEANT.get(e[1], e[1]), double[1]), double.end()
    bare = _BARE.match(text, place)
    whole = bare[0] if bare else ""
    value = re.split(r"(?:^|[ \t])#", whole, maxsplit=1)[0].rstrip()
    if value[:1] in ("'", '"'):
        return "", place  # a quote that nothing ends
    return value, place + len(whole)


def _unread(text: str, place: int, name: str) -> UsageError:
    line = text.count("\n", 0, place) + 1
    return UsageError(
        f"{name}: line {line} is no variable",
        why="A line has NAME=value, a value with spaces or quotes in quotes.",
    )
