"""Values kept out of a text: as they are, line by line, and as they look when they are quoted."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

HIDDEN = "[hidden]"
SHORTEST = 4  # characters of a line that is worth hiding by itself


class Hiding:
    """Replaces the secret values of a credential, the JSON that systemd hands over, in texts."""

    def __init__(self, credential: str) -> None:
        self.packed: dict[str, Any] = json.loads(credential or "{}")
        forms = {form for value in self._secret() for form in _forms(value)}
        longest_first = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __call__(self, text: str) -> str:
        """Give the text without the values."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def within(self, value: Any) -> Any:
        """Hide them in every string of a JSON value."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.within(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.within(item) for item in value]
        return value

    def _secret(self) -> Iterator[str]:
        plain = self.packed.get("plain", ())
        for service, values in self.packed.get("entries", {}).items():
            for username, value in values.items():
                if "%s/%s" % (service, username) not in plain:
                    yield value


class Covered:
    """A text stream that hides values in what is written to it."""

    def __init__(self, stream: Any, hide: Hiding) -> None:
        self._stream = stream
        self._hide = hide

    def write(self, text: str) -> int:
        """Write the text without them."""
        self._stream.write(self._hide(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _forms(value: str) -> Iterator[str]:
    for part in {value, *value.splitlines()}:
        if len(part) >= SHORTEST:
            for form in _quoted(part):
                yield form
                yield json.dumps(form)[1:-1]
            yield base64.b64encode(part.encode()).decode().rstrip("=")
            yield part.encode().hex()


def _quoted(part: str) -> Iterator[str]:
    yield part
    yield repr(part)[1:-1]
    yield repr(part.encode())[2:-1]
    yield json.dumps(part)[1:-1]
    yield json.dumps(part, ensure_ascii=False)[1:-1]
    yield html.escape(part)
    yield urllib.parse.quote(part, safe="")
    yield urllib.parse.quote_plus(part)
    yield part.replace("'", "'\"'\"'")
