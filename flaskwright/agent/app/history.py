"""What became of the app's releases on this host, remembered when they are gone."""

from __future__ import annotations

import json
import os

from ..common.text import now
from ..system import disk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from ..common.place import Place


SERVING, FAILED, DONE, NEVER = "serving", "failed", "done", "never"


class Verdicts:
    """A JSON line for each transaction: {id, commit, verdict, since, who, transaction, …}.

    `id` is the release that it put live, or tried to; empty where it came to none.
    """

    def __init__(self, place: Place) -> None:
        self.path = os.path.join(place.state, "releases.jsonl")

    def add(self, **verdict: str) -> None:
        """Add a line with the time, and make sure of it on the disk."""
        line = json.dumps({"since": now(), **verdict}).encode() + b"\n"
        disk.write(self.path, (disk.read(self.path) or b"") + line, mode=0o600)

    def lines(self) -> list[dict[str, str]]:
        """Give the audit's lines as dicts, the oldest first."""
        data = disk.read(self.path) or b""
        return [json.loads(line.decode("utf-8")) for line in data.split(b"\n") if line]

    def last(self) -> dict[str, dict[str, str]]:
        """Give the last line of each release."""
        return {line["id"]: line for line in self.lines()}

    def served(self) -> list[str]:
        """Give the releases that went live and answered, in the order of their last time."""
        ids = [line["id"] for line in reversed(self.lines()) if line["verdict"] == SERVING]
        return list(dict.fromkeys(ids))[::-1]

    def good(self) -> list[str]:
        """Give the releases that answered when they were last put live, in that order."""
        last = self.last()
        return [release for release in self.served() if last[release]["verdict"] == SERVING]

    def committed(self, transaction: str) -> str | None:
        """Give the release that a transaction put live in its commit; None: it did not commit.

        It is empty where it put none live.
        """
        for line in self.lines():
            if line.get("transaction") == transaction and line["verdict"] in (SERVING, DONE):
                return line["id"]
        return None

    def backup(self, release: str) -> str:
        """Give the backup from before the migration to a release; empty: there is none."""
        return self.last().get(release, {}).get("migrated", "")

    def before(self, release: str, known: Container[str]) -> str:
        """Give the good one that was live before `release` was for the first time; empty: none.

        It is one of `known`. What was live and rolled back from in between is left out so: each
        rollback leads further back.
        """
        lines, good = self.lines(), self.good()
        ids = [line["id"] for line in lines if line["verdict"] == SERVING]
        earlier = ids[: ids.index(release)] if release in ids else ids
        found = [one for one in earlier if one in good and one in known and one != release]
        return found[-1] if found else ""
