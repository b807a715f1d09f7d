"""The secrets of an app brought to the host, while the operator is there to give them."""

from __future__ import annotations

import json
import os

from ..engine.errors import Failed
from ..engine.handler import Act, Handler, handles
from .forms import best_form, form_of
from .store import Credentials, marks_of, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine.handler import State
    from ..engine.run import Run


SHOWN = 8  # characters of a mark that a person sees


@handles("credential")
class Credential(Handler):
    """The values that the operator has are on the host; which they are the run learns by a mark."""

    keys = ("credential",)
    entries: dict[str, str]
    on_host: str | None

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.credentials = Credentials(run)
        self._told: dict[str, Any] = {}

    def wanted(self) -> State:
        """What the operator's values are told by; asked once, by their marks alone."""
        told = self._ask()
        return {"credential": name_of(told["marks"], told["plain"], best_form(self.on_host))}

    def actual(self) -> State:
        """The same where they are here; a dry run on a host without a key cannot name them."""
        wanted = self.wanted()["credential"]
        self.run.about.credential = wanted if self.credentials.key() else ""
        return {"credential": wanted if self.credentials.is_whole(wanted) else None}

    def fix(self, differing: list[str]) -> None:
        """Ask for the values, and write them; raises Failed where they are not those of before."""
        answer = self.run.want("secrets", {})
        packed = json.loads(answer.decode("ascii")) if answer else {"entries": {}, "plain": []}
        if marks_of(self.credentials.make_key(), packed) != self._told["marks"]:
            raise Failed(
                "the secrets of %s did not arrive" % self.run.place.name,
                "the operator's side has sent others than it has told of",
                next="run the same command again",
            )
        self.credentials.write(packed, best_form(self.on_host))

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Name the entries that the live release does not have, or has with another value."""
        here, deployed = self._told["marks"], self.credentials.of_live()
        live = self.credentials.marks(deployed)
        names = sorted(name for name in {**here, **live} if here.get(name) != live.get(name))
        lines = ["%s: %s -> %s" % (name, _shown(live, name), _shown(here, name)) for name in names]
        old, new = form_of(deployed).word, best_form(self.on_host).word
        return lines + ["kept: %s -> %s" % (old, new)] * (deployed != "" and old != new)

    def _ask(self) -> dict[str, Any]:
        if not self._told:
            key = self._key()
            answer = self.run.want("secret-marks", {"key": key.hex()})
            self._told = json.loads(answer.decode("ascii")) if answer else {}
        if not self._told:
            raise Failed(
                "nobody is there to give the secrets of %s" % self.run.place.name,
                next="run the same command again",
            )
        return self._told

    def _key(self) -> bytes:
        """Give the key of the marks; a dry run makes none, and compares with nothing."""
        if self.run.checking:
            return self.credentials.key() or os.urandom(32)
        return self.credentials.make_key()


@handles("secret-list")
class SecretList(Act):
    """Which entries the app needs, which the operator has, and which the live release."""

    reads = True
    entries: dict[str, str]

    def act(self) -> State:
        """Give a row for each: what names it, the mark here and there, and what that means."""
        credentials = Credentials(self.run)
        key = credentials.key()
        answer = self.run.want("secret-marks", {"key": (key or os.urandom(32)).hex()})
        here = json.loads(answer.decode("ascii"))["marks"] if answer else {}
        live = credentials.marks(credentials.of_live())
        rows = [
            {
                "entry": name,
                "named by": self.entries.get(name, "-"),
                "here": ("yes" if not key else _shown(here, name)) if name in here else "-",
                "live": _shown(live, name),
                "": self._said(name, here, live),
            }
            for name in [*self.entries, *sorted(set(live) - set(self.entries))]
        ]
        return {"secrets": rows}

    def _said(self, name: str, here: dict[str, str], live: dict[str, str]) -> str:
        if name not in self.entries:
            return "no longer needed"
        if name not in here:
            return "missing: secrets.set"
        if name not in live:
            return "not live yet"
        return "same" if here[name] == live[name] else "differs: secrets.rotate"


def _shown(marks: dict[str, str], name: str) -> str:
    return marks[name][:SHOWN] if name in marks else "-"
