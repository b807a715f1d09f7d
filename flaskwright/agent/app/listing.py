"""The releases on this host, in a table."""

from __future__ import annotations

from ..engine.handler import Act, handles
from .history import NEVER, Verdicts
from .releases import Releases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine.handler import State


@handles("release-list")
class ReleaseList(Act):
    """The app's releases on this host: since when, by whom, and their verdict."""

    reads = True

    def act(self) -> State:
        """Give a row for each release, the newest first; `since` of one never live: its making."""
        releases, verdicts = Releases(self.run.place), Verdicts(self.run.place)
        last = verdicts.last()
        self.run.about.transactions = verdicts.lines()  # for --json
        rows = [self._row(releases, one, last.get(one, {})) for one in releases.ids()]
        return {"releases": rows}

    def _row(self, releases: Releases, release: str, told: dict[str, str]) -> dict[str, Any]:
        manifest = releases.manifest(release)
        return {
            "release": release,
            "commit": manifest.get("commit", ""),
            "since": told.get("since", manifest.get("created", "")),
            "who": told.get("who", ""),
            "verdict": told.get("verdict", NEVER),
            "live": release == releases.current(),
        }
