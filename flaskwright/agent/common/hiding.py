"""Secret values kept out of a text, in each spelling of spellings.py, in any case and with gaps.

The same for the agent, the app and the operator's side; it stands on the standard library, on
spellings.py and text.py alone.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import string
import threading

from .spellings import spellings
from .text import CUT, SEQUENCES, UNSEEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


HIDDEN = "[hidden]"
SHORTEST = 6  # characters of a spelling that is found in any case and with gaps
LEAST = 4  # of one that is found as it is; what is shorter is not hidden at all
LINE = 1 << 16  # characters of a line without an end that wait for it
_GAP = re.compile(r"%s|[\s%s]" % (SEQUENCES, UNSEEN))
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_ASCII = {**_LOWER, **{code: None for code in range(128) if _GAP.fullmatch(chr(code))}}


class Hider:
    """Replaces values in texts: `hide(text)`. Values may be added at any time, by any thread."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._spelled: dict[str, set[str]] = {}  # by their beginning, of SHORTEST characters
        self._exact: set[str] = set()
        self._begin: re.Pattern[str] | None = None
        self._as_it_is: re.Pattern[str] | None = None
        self._lock = threading.Lock()
        self.add(*values)

    def add(self, *values: str) -> None:
        """Hide these values from now on, and each of their lines; very short ones are shown."""
        with self._lock:
            for part in {part for value in values for part in (value, *re.split("[\r\n]+", value))}:
                if len(part) >= LEAST:
                    self._learn(part)
            if self._exact:
                longest_first = sorted(self._exact, key=len, reverse=True)
                self._as_it_is = re.compile("|".join(map(re.escape, longest_first)))
            if self._spelled:
                self._begin = re.compile(_any_of(sorted(self._spelled)))

    def __call__(self, text: str) -> str:
        """Give the text without the values."""
        if self._begin:
            spans = _merged(self._found(_squeezed(text), text.endswith(CUT)))
            text = _replaced(text, spans) if spans else text
        return self._as_it_is.sub(HIDDEN, text) if self._as_it_is else text

    def within(self, value: Any) -> Any:
        """Hide them in every string of a JSON value; in lines that stand together, across them."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.within(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            if value and all(isinstance(item, str) for item in value):
                return self.lines(value)
            return [self.within(item) for item in value]
        return value

    def lines(self, lines: Iterable[str]) -> list[str]:
        """Give lines without them, also where one goes over several; there may be fewer then."""
        given = [self(line) if line.endswith(CUT) else line for line in lines]
        text = "\n".join(given)
        hidden = self(text)
        return given if hidden == text else hidden.split("\n")

    def _learn(self, part: str) -> None:
        for spelling in spellings(part):
            squeezed = _squeezed(spelling)
            if len(squeezed) >= SHORTEST:
                self._spelled.setdefault(squeezed[:SHORTEST], set()).add(squeezed)
            elif len(spelling) >= LEAST:
                self._exact.add(spelling)

    def _found(self, squeezed: str, is_cut: bool) -> Iterator[tuple[int, int]]:
        """Yield where in a squeezed text values are; of one that was cut, half of a value too."""
        end = len(squeezed) - len(_squeezed(CUT)) if is_cut else len(squeezed)
        found = self._begin.search(squeezed) if self._begin else None
        while found and self._begin:
            start = found.start()
            for spelling in self._spelled[found.group()]:
                if squeezed.startswith(spelling, start):
                    yield start, start + len(spelling)
                elif is_cut and spelling.startswith(squeezed[start:end]):
                    yield start, end
            found = self._begin.search(squeezed, start + 1)


class Hiding(Hider):
    """Hides the secret values of a credential, the JSON that systemd hands over."""

    def __init__(self, credential: str) -> None:
        self.packed: dict[str, Any] = json.loads(credential or "{}")
        super().__init__(self._secret())

    def _secret(self) -> Iterator[str]:
        plain = self.packed.get("plain", ())
        for service, values in self.packed.get("entries", {}).items():
            for username, value in values.items():
                if "%s/%s" % (service, username) not in plain:
                    yield value


class Covered:
    """A text stream that hides values in what is written to it.

    What does not end a line waits for what does, up to LINE characters: a value may come in
    several writes, and print() writes the end of its line by itself.
    """

    def __init__(self, stream: Any, hide: Hider) -> None:
        self._stream = stream
        self._hide = hide
        self._lock = threading.RLock()
        self._waits: list[str] = []
        self._size = 0
        atexit.register(self._finish)
        os.register_at_fork(after_in_child=self._begun)  # what waits is the parent's to write

    def write(self, text: str) -> int:
        """Write text with the values hidden, once a line has its end; gives the text's length."""
        with self._lock:
            self._waits.append(text)
            self._size += len(text)
            if text.endswith("\n") or self._size > LINE:
                self._put()
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts, each as `write` does."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> _Bytes:
        """Where bytes are written: what is no UTF-8 becomes U+FFFD there."""
        return _Bytes(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _begun(self) -> None:
        self._lock = threading.RLock()
        self._waits, self._size = [], 0

    def _put(self) -> None:
        text = "".join(self._waits)
        self._waits, self._size = [], 0
        self._stream.write(self._hide(text))

    def _finish(self) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._put()
            self._stream.flush()


class _Bytes:
    def __init__(self, covered: Covered) -> None:
        self._covered = covered

    def write(self, data: Any) -> int:
        """Write bytes as text, U+FFFD for what is no UTF-8; gives how many there were."""
        self._covered.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._covered._stream.buffer, name)


def _squeezed(text: str) -> str:
    """Give a text without gaps, and in lower case where that changes no length."""
    if text.isascii() and "\x1b" not in text:
        return text.translate(_ASCII)
    return _GAP.sub("", text).translate(_LOWER)


def _replaced(text: str, spans: list[tuple[int, int]]) -> str:
    """Replace places of the squeezed text, with the gaps within."""
    places: list[int] = []
    at = 0
    for gap in _GAP.finditer(text):
        places.extend(range(at, gap.start()))
        at = gap.end()
    places.extend(range(at, len(text)))
    told, at = [], 0
    for start, end in spans:
        told += [text[at : places[start]], HIDDEN]
        at = places[end - 1] + 1
    return "".join([*told, text[at:]])


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Give places in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _any_of(words: list[str]) -> str:
    """Give a pattern for any of these words, sorted and of one length, that is quick to fail."""
    if not words[0]:
        return ""
    tails: dict[str, list[str]] = {}
    for word in words:
        tails.setdefault(word[0], []).append(word[1:])
    found = [re.escape(first) + _any_of(sorted(set(rest))) for first, rest in tails.items()]
    return found[0] if len(found) == 1 else "(?:%s)" % "|".join(found)
