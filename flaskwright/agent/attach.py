"""The transaction that is under way, or the last one, followed to its end."""

from __future__ import annotations

import os

from . import handover
from .handler import Act, Failed, handles
from .transaction import JOURNAL, LINK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .handler import State


@handles("attach")
class Attach(Act):
    """What its journal says, from the first line on."""

    reads = True
    app_root: str
    app: str

    def act(self) -> State:
        """Pass everything on; gives its id. Raises Failed where there is none."""
        place = os.path.join(self.run.state, LINK)
        if not os.path.exists(os.path.join(place, JOURNAL)):
            raise Failed("%s has had no transaction yet" % self.app, next="./fab deploy")
        handover.follow(self.run, self.app)
        return {"transaction": os.path.basename(os.path.realpath(place))}
