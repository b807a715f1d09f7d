"""Text that others have said: harmless, in lines, and never too long; numbers and times in it."""

from __future__ import annotations

import codecs
import re
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Version = tuple[int, ...]


LONGEST = 4096  # characters of a line

MOST = 10_000  # lines of one text

CUT = " … (cut)"


# ECMA-48: OSC, DCS, SOS, PM, APC up to their end; CSI; other escapes; then what has no picture of
# its own: C0 but tab and newline, DEL, C1, soft hyphen, bidi marks, zero-width, line and paragraph
# separators, fillers, lone surrogates, byte order mark, tags.
_STRINGS = r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"

_SEQUENCES = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?"

UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)

SEQUENCES = "%s|%s" % (_STRINGS, _SEQUENCES)

_UNSAFE = re.compile("%s|[%s]" % (SEQUENCES, UNSEEN))


def spoken(seconds: float) -> str:
    """Give a span of time as people say it: `3.2 days`, `5.0 hours`, `12 minutes`, `40 seconds`."""
    for unit, length, digits in (("days", 86400, 1), ("hours", 3600, 1), ("minutes", 60, 0)):
        if seconds >= 2 * length:
            return "%.*f %s" % (digits, seconds / length, unit)
    return "%.0f seconds" % seconds


def numbers(version: str) -> Version:
    """Give a version's numbers, `1.22.1` or `1.22.1 (Ubuntu)` as (1, 22, 1)."""
    found = re.match(r"[\d.]*", version)
    return tuple(map(int, filter(None, found.group().split(".")))) if found else ()


def clean(text: str) -> str:
    """Strip terminal sequences and what cannot be seen; tab and newline stay."""
    return _UNSAFE.sub("", text)


def decoded(data: bytes) -> str:
    """Give the text of a file as pip reads it: UTF-16 where its first bytes say so, else UTF-8.

    `pip freeze > requirements.txt` writes UTF-16 in Windows PowerShell.
    """
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def cleaned(value: Any) -> Any:
    """Clean every string within a JSON value, the names of its fields too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(item) for item in value]
    return value


def limited(value: Any, longest: int, most: int) -> Any:
    """Cut every string within a JSON value, and every list; of a list the last items stay."""
    if isinstance(value, str):
        return cut(value, longest)
    if isinstance(value, dict):
        return {key: limited(item, longest, most) for key, item in list(value.items())[:most]}
    if isinstance(value, (list, tuple)):
        return [limited(item, longest, most) for item in value[-most:]]
    return value


def one_line(text: str, longest: int = LONGEST) -> str:
    """Give a text as one clean line: a newline would make a line of its own that nobody said."""
    return cut(re.sub(r"[\t\n]", " ", clean(text)).rstrip(), longest)


def cut(line: str, longest: int = LONGEST) -> str:
    """Give a line, shortened where it is longer than the bound."""
    return line if len(line) <= longest else line[: longest - len(CUT)] + CUT


def lines(said: bytes | str, longest: int = LONGEST, most: int = MOST) -> list[str]:
    """Give the last lines of what somebody has said, each cut; only a newline ends a line.

    Any byte is taken; what is no UTF-8 becomes U+FFFD. `str.splitlines` would end a line at eight
    other characters, which strangers can put anywhere.
    """
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    found = text.split("\n")
    if not found[-1]:
        found.pop()
    return [cut(line.rstrip("\r"), longest) for line in found[-most:]]


def whole_lines(text: str) -> list[str]:
    """Give the lines of a file of ours as they are, to be compared."""
    return text[: -1 if text.endswith("\n") else None].split("\n") if text else []


def now() -> str:
    """Give the time as people and sorting like it: UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
