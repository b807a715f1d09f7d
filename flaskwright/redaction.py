"""What may be shown: no control sequences of a host, no secret values."""

import re

_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|\x1b[@-_]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_OUR_STYLE = re.compile(r"\x1b\[[0-9;]*m")


def printable(text: str) -> str:
    """Return `text` without control sequences except our own colours, and without secrets."""
    from .secrets import redact

    kept = _CONTROL.sub(lambda m: m[0] if _OUR_STYLE.fullmatch(m[0]) else "", text)
    return redact(kept)
