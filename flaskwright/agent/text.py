"""Text of a host made safe to show: no control sequences, no invalid characters."""

from __future__ import annotations

import re
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# ECMA-48: OSC, DCS, SOS, PM, APC up to their end; CSI; other escapes; then single controls.
_STRINGS = r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
_SEQUENCES = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?"
_CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
_UNSAFE = re.compile("%s|%s|%s" % (_STRINGS, _SEQUENCES, _CONTROLS))


def clean(text: str) -> str:
    """Strip terminal sequences and control characters; tab and newline stay."""
    return _UNSAFE.sub("", text)


def cleaned(value: Any) -> Any:
    """Clean every string within a JSON value."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleaned(item) for item in value]
    return value


def now() -> str:
    """Give the time as people and sorting like it: UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
