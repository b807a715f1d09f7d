"""The redactor that keeps secrets out of every sink, by value and in the forms that they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from threading import Lock

HIDDEN = "[hidden]"
SHORTEST = 4  # below, blanking a value out of ordinary text would tell it rather than hide it


class Redactor:
    """Replaces values, and what they usually turn into, in a text: `redact(text)`."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()

    def add(self, value: str) -> None:
        """Hide `value`, each of its lines, and their encodings from now on."""
        with self._lock:
            for part in {value, *value.splitlines()}:
                self._forms.update(form for form in encodings(part) if len(part) >= SHORTEST)
            longest_first = sorted(self._forms, key=len, reverse=True)
            if longest_first:
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """Return the text without the values."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


redact = Redactor()
"""The process's own: every secret that was read is hidden by it."""


def encodings(value: str) -> Iterator[str]:
    """Yield the value as it looks in plain text, source code, URLs, shells and base64."""
    yield value
    for quoted in _quoted(value):
        yield quoted
        yield from _quoted(quoted)  # a log line inside of JSON
    yield from _url(value)
    yield from _base64(value)
    yield value.encode().hex()


def _quoted(value: str) -> Iterator[str]:
    import html
    import json

    yield html.escape(value)
    yield repr(value)[1:-1]
    yield repr(value.encode())[2:-1]
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield value.replace("'", "'\"'\"'")
    yield value.replace("'", "'\\''")
    yield re.sub(r"[^A-Za-z0-9_@%+=:,./-]", r"\\\g<0>", value)
    yield re.sub(r'["$`\\]', r"\\\g<0>", value)


def _url(value: str) -> Iterator[str]:
    from urllib.parse import quote, quote_plus

    for form in (quote(value), quote(value, safe=""), quote_plus(value)):
        yield form
        yield re.sub("%..", lambda code: code[0].lower(), form)


def _base64(value: str) -> Iterator[str]:
    """Yield what stands in the base64 of any text that holds the value, in both alphabets."""
    from base64 import b64encode, urlsafe_b64encode

    raw = value.encode()
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(raw).decode().rstrip("=")
        for before in range(3):
            yield _certain(encode, raw, before)


def _certain(encode: Callable[[bytes], bytes], raw: bytes, before: int) -> str:
    """Return the characters that depend on nothing but `raw`, `before` bytes into a group."""
    first = (before * 8 + 5) // 6
    last = (before + len(raw)) * 8 // 6
    return encode(b"\0" * before + raw + b"\0\0").decode()[first:last]
