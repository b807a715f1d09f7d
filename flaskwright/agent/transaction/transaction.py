"""A transaction: the part of a plan that needs nobody. It ends in commit or undo by itself.

Started by handover.py as a unit of systemd: `python3 -I AGENT run STATE`. When that is killed,
systemd runs `recover` in its place, and after a power cut `boot` before anything else starts.
"""

from __future__ import annotations

import json
import os
import signal
import time

from .. import kinds
from ..app.history import DONE, SERVING, Verdicts
from ..app.releases import Releases
from ..common.place import Place
from ..common.site import Site
from ..common.subject import Subject
from ..databases import schema
from ..engine import silence
from ..engine.drive import drive, refused
from ..engine.errors import Stopped, Trouble
from ..engine.handler import HANDLERS
from ..engine.run import Run
from ..system import disk
from ..system.lock import Held, locked
from .cutover import CutOver
from .journal import Journal
from .pending import Pending, place_of
from .recovery import JOURNAL, LINK, PLAN, STAYS, end, finish_earlier, recover, tell, undone
from .reserve import Reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Plan = dict[str, Any]


WAIT = 20.0  # seconds for whoever has handed over to let go of the lock


def main(mode: str, state: str) -> int:
    """Run, recover, or undo at boot the transaction of `state`."""
    os.umask(0o022)
    directory = os.path.join(state, LINK)
    journal = Journal(os.path.join(directory, JOURNAL), state)
    run = Run(journal, "apply", Place(state=state))  # type: ignore[arg-type]  # it stands in the wire's place
    run.detached = True
    with silence.told(run):
        plan = json.loads((disk.read(os.path.join(directory, PLAN)) or b"{}").decode())
        if mode == "run":
            _begin(run, plan)
        else:
            recover(run, plan, booting=mode == "boot")
    return 0


def _begin(run: Run, plan: Plan) -> None:
    """Take the lock and go through the plan."""
    run.place, run.site = place_of(plan, run.place.state), Site(**plan["site"])
    run.who, run.about, run.states = plan["who"], Subject(plan["facts"]), plan["states"]
    run.silence = plan.get("silence", run.silence)
    run.ends = time.monotonic() + plan["timeout"]  # somebody may set the clock
    for resource in plan["resources"]:
        kinds.load(resource["kind"])
    signal.signal(signal.SIGTERM, lambda number, frame: run.stop(_reason(run, plan)))
    room = Reserve(run.place.state, run.place.root)
    try:
        with locked(plan["locks"], run.who, plan["purpose"], WAIT):
            finish_earlier(run)
            _with_room(run, plan, room)
            end(run)
    except Held as held:
        disk.remove(os.path.join(run.place.state, LINK, PLAN))
        run.event("locked", **held.holder)
    except Stopped as stopped:
        tell(run, stopped.result())
        end(run)
    finally:
        room.free()


def _with_room(run: Run, plan: Plan, room: Reserve) -> None:
    """Go through the plan while there is room for the way back."""
    try:
        with room:
            _carry_out(run, plan)
    except (OSError, Trouble) as trouble:  # between two resources, or at the commit
        tell(run, _told(trouble, run.place.state))
        if Pending(run.place).read().get("id") == plan["id"]:
            undone(run)


def _told(trouble: OSError | Trouble, state: str) -> dict[str, Any]:
    if isinstance(trouble, Trouble):
        return trouble.result()
    return refused("what a transaction notes", trouble, state)


def _reason(run: Run, plan: Plan) -> str:
    """Say who has sent SIGTERM: systemd at the end of RuntimeMaxSec=, or the operator."""
    if time.monotonic() >= run.ends - 1:
        return "it took longer than `deploy_timeout` in hosts.toml, %d s" % plan["timeout"]
    return "as asked"


def _carry_out(run: Run, plan: Plan) -> None:
    noted = {key: plan[key] for key in ("id", "who", "locks", "cutover", "drain")}
    pending = Pending(run.place)
    pending.open(app=run.place.name, app_root=run.place.root, **noted)
    run.transaction, run.remember = plan["id"], pending.note
    before = [one for one in plan["resources"] if not HANDLERS[one["kind"]].after_commit]
    drive(before, run, plan["first"], plan["of"])
    if "failed" in run.states.values():
        undone(run)
        return
    switched = _commit(run, plan)
    after = [one for one in plan["resources"] if HANDLERS[one["kind"]].after_commit]
    drive(after, run, plan["first"] + len(before), plan["of"])
    if switched and "failed" in run.states.values():
        run.about.person = run.about.person or STAYS % run.about.release


def _commit(run: Run, plan: Plan) -> bool:
    """Wait for the requests of the old release, and close the transaction: it stays.

    Gives whether there was a switch.
    """
    run.close_to_stops()
    releases, verdicts = Releases(run.place), Verdicts(run.place)
    CutOver(run, plan["cutover"], plan["drain"]).wait_for_others()
    run.phase("commit")
    serving = [fields for fields in plan["resources"] if fields["kind"] == "serving"]
    switches = [fields for fields in serving if run.changed(fields["id"])]
    _must_serve_alone(run, switches)
    live = releases.current()
    release = live if switches or live not in verdicts.good() else ""
    commit = releases.manifest(release).get("commit", "")
    seconds = round(time.time() - plan["began"], 1)
    verdict = {"id": release, "commit": commit, "verdict": SERVING if release else DONE}
    verdict.update(schema.migrated(Pending(run.place).read()), transaction=plan["id"])
    verdicts.add(**verdict, who=run.who, seconds=seconds)
    Reserve(run.place.state, run.place.root).free()
    Pending(run.place).clear()
    return bool(switches)


def _must_serve_alone(run: Run, switches: list[Plan]) -> None:
    """Ask the new release once more: until now an old process may have answered for it."""
    for fields in switches:
        serving: Any = HANDLERS["serving"](fields, run)
        serving.must_serve(serving.wanted()["release"], alone=True)
