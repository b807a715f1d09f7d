"""A command of the app in a release: a unit of its own, with what the release's service has.

User, environment, secrets and sandbox are read from the unit that the release brings, so that what
works in a command works in the service, and the other way round.
"""

from __future__ import annotations

from ..engine.errors import Failed
from ..system import disk
from ..system.transient_unit import TransientUnit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..common.place import Place
    from ..engine.run import Run


# What makes a service of it: how it starts, serves, is watched and ends.
LIFE = ("Type=", "Notify", "Exec", "Kill", "Timeout", "Sockets=", "Restart", "SuccessExit", "OOM")
COMMAND, BACKUP, SEED = IN_TRANSACTION = ("command", "backup", "seed")
SLOT = "Environment=FLASKWRIGHT_SLOT="


def command_unit(run: Run, release: str, what: str) -> TransientUnit:
    """Give the unit for a command of the app in a release; `what` it is names the unit.

    Raises Failed for a release without its unit.
    """
    text = unit_text(run.place, release)
    if not text:
        raise Failed("release %s has lost its unit" % release, next="./fab deploy")
    return TransientUnit(run, run.place.unit(what) + ".service", list(_shared(text)), {})


def unit_text(place: Place, release: str) -> str:
    """Give the unit that a release brings; empty where it has none."""
    path = place.release(release) + place.unit_template
    return (disk.read(path) or b"").decode("utf-8", "replace")


def end_commands(run: Run) -> None:
    """End what a transaction that was killed has left running; raises Failed."""
    for what in IN_TRANSACTION:
        TransientUnit(run, run.place.unit(what) + ".service", ()).end()


def _shared(unit: str) -> Iterator[str]:
    """Give the lines of [Service] that a command has, too."""
    service = unit.partition("[Service]\n")[2].partition("\n[")[0]
    for line in service.split("\n"):
        if "=" in line and not line.startswith(("#", SLOT, *LIFE)):
            yield line
