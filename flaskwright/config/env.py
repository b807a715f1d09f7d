"""Values of the app's environment: text with placeholders."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping

from .did_you_mean import did_you_mean
from .names import ENTRY
from .problems import Place, Wrong
from .values import Refusal, Text

SECRET = "secret:"  # noqa: S105 - what a value begins with that names an entry
PLACEHOLDERS = ("shared", "release", "domain")
BRACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def placeholders(text: str) -> set[str]:
    """Return the names in braces; a doubled brace is a plain one."""
    return {found[1] for found in BRACE.finditer(text) if found[1] is not None}


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of `{name}`, and a brace in the place of a doubled one."""
    return BRACE.sub(lambda found: _filled(found, values), text)


def fill_known(text: str, values: Mapping[str, str]) -> str:
    """Do the same for the names that are known; the others stay, and doubled braces do.

    What comes of it is a format string: `str.format` with the other names makes an end of it.
    """
    return BRACE.sub(lambda found: _known(found, values), text)


def shell_word(text: str, **others: str) -> str:
    """Return what came of it as a word for sh, with the others' values as sh finds them."""
    parts, end = [], 0
    for found in BRACE.finditer(text):
        parts += [shlex.quote(text[end : found.start()]), _filled(found, others)]
        end = found.end()
    return "".join([*parts, shlex.quote(text[end:])])


def _known(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found[1] not in values:
        return found[0]
    return values[found[1]].replace("{", "{{").replace("}", "}}")


def _filled(found: re.Match[str], values: Mapping[str, str]) -> str:
    return found[0][0] if found[1] is None else values[found[1]]


def entry_in(value: str) -> str:
    """Return the keyring entry that a variable is filled from; empty for a plain value."""
    return value.removeprefix(SECRET) if value.startswith(SECRET) else ""


def unknown(*known: str) -> Refusal:
    """Refuse lone braces, and placeholders that are none of these."""
    listed = ", ".join(f"{{{placeholder}}}" for placeholder in known)

    def refusal(text: str) -> str | None:
        if any(found[0] in ("{", "}") for found in BRACE.finditer(text)):
            return 'has a lone brace; write "{{" or "}}" for a plain one'
        for name in sorted(placeholders(text) - set(known)):
            near = did_you_mean(name, known)
            return f"{{{name}}} is none of {listed}{near}; write {{{{{name}}}}} for plain braces"
        return None

    return refusal


def _breaking(text: str) -> str | None:
    return "may not hold line breaks or NUL" if re.search(r"[\x00\n\r]", text) else None


def _secret(text: str) -> str | None:
    if not text.startswith(SECRET) or re.fullmatch(ENTRY.pattern, entry_in(text)):
        return None
    return f"should name {ENTRY.words}, after {SECRET}"


class Value(Text):
    """An environment variable's value: text only, since TOML's true is nobody's "true"."""

    def read(self, value: object, place: Place) -> str:
        """Return the text; a number or a truth value is told how to be one."""
        if isinstance(value, bool | int | float):
            raise Wrong(f'should be text, in quotes: "{json.dumps(value)}"')
        return super().read(value, place)


VALUE = Value("text", r"[^\x00\n\r]*", _breaking, _secret, unknown(*PLACEHOLDERS))
