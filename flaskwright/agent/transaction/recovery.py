"""What becomes of a transaction that was cut off or has failed, and how its end is told."""

from __future__ import annotations

import contextlib
import os

from ..app.history import Verdicts
from ..app.releases import Releases
from ..databases import schema
from ..engine.errors import Failed, Stopped
from ..system import disk
from ..system.lock import locked
from .pending import Pending, place_of
from .reserve import Reserve
from .undo import sweep_files, undo, undo_at_boot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine.run import Run

    Plan = dict[str, Any]


LINK = "transaction"  # in the state directory, to the last one's
PLAN, JOURNAL = "plan.json", "journal.jsonl"
STAYS = "release %s is live and stays, but what follows its commit did not end well"
LONGEST = 240.0  # seconds that a recovery waits for another run; systemd gives it 300


def recover(run: Run, plan: Plan, booting: bool) -> None:
    """Undo what another process has left in the middle, if it has.

    The line in the audit is the commit: what has one stays.
    """
    fields = Pending(run.place).read()
    about = fields or plan
    if not about:
        return
    run.place, run.who = place_of(about, run.place.state), about["who"]
    with locked(about["locks"], run.who, "recovery", LONGEST):
        Reserve(run.place.state, run.place.root).free()
        committed = Verdicts(run.place).committed(about["id"])
        if committed is not None:
            _stays(run, committed)
        elif fields:
            _cut_off(run, fields, booting)
        else:
            _never_begun(run)


def finish_earlier(run: Run) -> None:
    """Undo what an earlier one has left whose recovery was cut off, too.

    What could not be undone was left to a person, who may have mended it in another way.
    """
    fields = Pending(run.place).read()
    if not fields or fields.get("person"):
        return
    if Verdicts(run.place).committed(fields["id"]) is not None:
        Pending(run.place).clear()
        return
    run.notice("an earlier deploy was cut off and is undone first")
    try:
        undo(run)
    except (OSError, Failed) as error:  # what is deployed now may be the cure
        run.notice("it could not be undone: %s" % error)


def undone(run: Run) -> None:
    """Undo the transaction; where that fails too the exit code asks for a person."""
    run.close_to_stops()
    fields = Pending(run.place).read()
    if not fields:
        return
    releases = Releases(run.place)
    try:
        undo(run)
    except (OSError, Failed) as worse:
        before = fields.get("before") or "-"
        run.about.person = "release %s did not come back: %s" % (before, worse)
        with contextlib.suppress(OSError):
            Pending(run.place).note(person=True)
    schema.tell(run, fields)
    run.about.serves = releases.current()


def tell(run: Run, result: dict[str, Any]) -> None:
    """Send the deploy's result event, as the operator would have had it."""
    about = {"id": "transaction", "kind": "transaction", "step": "deploy"}
    run.event("result", **about, **result)


def end(run: Run) -> None:
    """Remove the plan with its secrets, and end the journal."""
    disk.remove(os.path.join(run.place.state, LINK, PLAN))
    run.event("end", facts=run.about.told(), lost=False)


def _cut_off(run: Run, fields: Plan, booting: bool) -> None:
    """Undo what another process has begun, and say so at the end of its journal."""
    run.cache["stopped"] = True  # by whatever it was
    if booting:
        undo_at_boot(run)
        schema.tell(run, fields, booting=True)
        run.about.serves = Releases(run.place).current()
    else:
        undone(run)
    what = "the deploy was cut off on the host" + (" by a power cut" if booting else "")
    stays = run.about.serves == fields.get("release")  # a first one, for nginx to have its site
    why = "" if run.about.person or stays else "it was undone"
    _close(run, what, why)


def _stays(run: Run, release: str) -> None:
    """Close what was cut off after its commit, and before its end."""
    Pending(run.place).clear()
    if release:
        run.about.person = STAYS % release
    _close(run, "the deploy was cut off on the host after its commit")


def _never_begun(run: Run) -> None:
    """Remove what was made ready for one that has changed nothing yet."""
    sweep_files(run.place)
    run.about.serves = Releases(run.place).current()
    _close(run, "the deploy was cut off on the host before it began")


def _close(run: Run, what: str, why: str = "") -> None:
    """Say what became of it, and end its journal."""
    tell(run, Stopped(what, why, next="run the same command again").result())
    end(run)
