"""What may be shown: nothing that cannot be seen, no secret values, and of colours only ours."""

from __future__ import annotations

import re
import secrets

from flaskwright.agent.common.text import clean

_OURS = secrets.token_hex(8)  # what marks a style as one of this process: nobody else knows it
_STYLE = re.compile(rf"\x1b\[{_OURS};([0-9;]*)m")


def styled(text: str, codes: str) -> str:
    """Return `text` in a terminal's styles, for `printable` alone: others take it for nonsense."""
    return f"\x1b[{_OURS};{codes}m{text}\x1b[{_OURS};0m"


def printable(text: str) -> str:
    """Return `text` without control sequences except our own styles, and without secrets."""
    from ..secrets.redactor import redact

    parts = _STYLE.split(text)  # text, codes, text, codes, …, text
    parts[::2] = [redact(clean(part)) for part in parts[::2]]
    parts[1::2] = [f"\x1b[{codes}m" for codes in parts[1::2]]
    return "".join(parts)
