"""Ways to write a secret down that were tried; each gives what is written, a write at a time."""

from __future__ import annotations

import base64
import json
import textwrap
from collections.abc import Callable
from urllib.parse import quote

Written = Callable[[str], list[str]]


def _in_base64(before: str) -> Written:
    return lambda value: [base64.b64encode(f"{before}{value} and more".encode()).decode()]


def _each(between: str) -> Written:
    return lambda value: [between.join(value)]


def _bytes(form: str, between: str) -> Written:
    return lambda value: [between.join(form % byte for byte in value.encode())]


def _halves(value: str) -> list[str]:
    return [value[: len(value) // 2], value[len(value) // 2 :]]


SPELLINGS: dict[str, Written] = {
    "as it is": lambda value: [value],
    "repr": lambda value: [repr(value)],
    "JSON": lambda value: [json.dumps(value)],
    "URL": lambda value: [quote(value, safe="")],
    "%XX of every byte": _bytes("%%%02X", ""),
    "base64": _in_base64(""),
    "base64, a byte into a text": _in_base64("u"),
    "base64, two bytes into a text": _in_base64("us"),
    "base64url": lambda value: [base64.urlsafe_b64encode(value.encode()).decode()],
    "hexadecimal": _bytes("%02x", ""),
    "hexadecimal in upper case": _bytes("%02X", ""),
    "hexadecimal with colons": _bytes("%02x", ":"),
    "base32": lambda value: [base64.b32encode(value.encode()).decode()],
    "base85": lambda value: [base64.b85encode(value.encode()).decode()],
    "\\x": _bytes("\\x%02x", ""),
    "UTF-16": lambda value: [repr(value.encode("utf-16"))],
    "reversed": lambda value: [value[::-1]],
    "upper case": lambda value: [value.upper()],
    "spaced": _each(" "),
    "list of bytes": lambda value: [repr(list(value.encode()))],
    "over several writes": _halves,
    "wrapped": lambda value: ["\n".join(textwrap.wrap(value, 5))],
    "with CR": _each("\r"),
    "with ANSI sequences": _each("\x1b[0m"),
    "with NUL": _each("\0"),
    "with zero-width marks": _each("\u200b"),
}
