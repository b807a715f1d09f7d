"""How a secret value may be written where it is printed: the one list, for host, app and operator.

It imports nothing but the standard library.
"""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")


def spellings(value: str) -> Iterator[str]:
    """Yield the value as it looks in texts, source code, URLs, shells and encodings.

    Upper and lower case, and gaps, are the matter of whoever searches; see hiding.py.
    """
    yield value
    yield value.upper()
    yield value.lower()
    yield value[::-1]
    for quoted in _quoted(value):
        yield quoted
        yield json.dumps(quoted)[1:-1]  # a log line inside of JSON
    yield from _characters(value)
    for encoding in ENCODINGS:
        raw = value.encode(encoding, "replace")
        yield repr(raw)[2:-1]
        yield json.dumps(raw.decode("latin-1"))[1:-1]
        yield from _bytes(raw)
        yield from _base64(raw)
    yield from _other_bases(value.encode("utf-8", "replace"))


def _quoted(value: str) -> Iterator[str]:
    yield repr(value)[1:-1]
    yield repr(value.encode("utf-8", "replace"))[2:-1]
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield html.escape(value)
    yield value.replace("'", "'\"'\"'")
    yield value.replace("'", "'\\''")
    yield re.sub(r"[^A-Za-z0-9_@%+=:,./-]", r"\\\g<0>", value)
    yield re.sub(r'["$`\\]', r"\\\g<0>", value)
    for safe in ("/", ""):
        yield urllib.parse.quote(value, safe, errors="replace")
    yield urllib.parse.quote_plus(value, errors="replace")


def _characters(value: str) -> Iterator[str]:
    yield "".join("\\u%04x" % ord(character) for character in value)
    yield "".join("&#%d;" % ord(character) for character in value)
    for between in ("','", '","', '\\",\\"'):  # a list of them
        yield between.join(value)


def _bytes(raw: bytes) -> Iterator[str]:
    pairs = ["%02x" % byte for byte in raw]
    for between in ("", ":", "-", ","):
        yield between.join(pairs)
    for before in ("%", "\\x", "\\\\x", "0x", ",0x"):
        yield "".join(before + pair for pair in pairs).lstrip(",")
    yield ",".join("%d" % byte for byte in raw)


def _base64(raw: bytes) -> Iterator[str]:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode("ascii").rstrip("=")
        for before in range(3):
            yield _certain(encode, raw, before, 6)


def _other_bases(raw: bytes) -> Iterator[str]:
    yield base64.b32encode(raw).decode("ascii").rstrip("=")
    for before in range(5):
        yield _certain(base64.b32encode, raw, before, 5)
    for encode in (base64.b85encode, base64.a85encode):
        yield encode(raw).decode("ascii")
        for before in range(4):  # groups of 4 bytes, of which only whole ones are certain
            inner = raw[-before % 4 :]
            yield encode(inner[: len(inner) // 4 * 4]).decode("ascii")


def _certain(encode: Callable[[bytes], bytes], raw: bytes, before: int, bits: int) -> str:
    """Give the characters that depend on `raw` alone, `before` bytes into a text; each has bits."""
    first = (before * 8 + bits - 1) // bits
    last = (before + len(raw)) * 8 // bits
    return encode(b"\0" * before + raw + b"\0" * 5).decode("ascii")[first:last]
