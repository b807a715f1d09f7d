"""The transaction that is under way, or the last one, followed to its end."""

from __future__ import annotations

import glob
import os

from ..app.releases import Releases
from ..engine.errors import Failed
from ..engine.handler import Act, handles
from . import handover
from .journal import events
from .recovery import JOURNAL, LINK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State


@handles("attach")
class Attach(Act):
    """What its journal says, from the first line on; one that came to a locked host is no news."""

    reads = True

    def act(self) -> State:
        """Pass everything on; gives its id, and what is live. Raises Failed where there is none."""
        place = next(filter(self._had_its_turn, self._known()), "")
        if not place:
            raise Failed("%s has had no transaction yet" % self.run.place.name, next="./fab deploy")
        handover.follow(self.run, os.path.join(place, JOURNAL))
        live = Releases(self.run.place).current()
        return {"transaction": os.path.basename(place), "live": live or "nothing yet"}

    def _known(self) -> list[str]:
        """Give the directories of all that are remembered, the last one first."""
        last = os.path.realpath(os.path.join(self.run.place.state, LINK))
        others = glob.glob(os.path.join(os.path.dirname(last), "*", JOURNAL))
        places = [last, *map(os.path.dirname, sorted(others, reverse=True))]
        return [place for place in places if os.path.exists(os.path.join(place, JOURNAL))]

    def _had_its_turn(self, place: str) -> bool:
        """Tell whether something was done in one: not where the lock, or a stop, came first."""
        first = next(events(os.path.join(place, JOURNAL)))
        if first is None:
            return handover.is_running(self.run)
        return bool(first["event"] != "locked")
