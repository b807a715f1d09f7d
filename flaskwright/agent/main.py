"""The agent's life: take the lock, go through it, say goodbye."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import time
from io import BufferedReader, FileIO

from . import kinds, loader
from .app.releases import Releases
from .common.place import Place
from .common.site import Site
from .common.text import now
from .engine import silence
from .engine.drive import drive, refused
from .engine.errors import Failed, Trouble
from .engine.run import Run
from .engine.wire import Wire
from .system import agent_tree, disk
from .system.lock import Held, lock_paths, locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

    from .engine.drive import Driven

    Plan = dict[str, Any]


def main(plan: Plan) -> int:
    """Run the agent on its standard streams; an exit status other than 0 means a bug."""
    signal.signal(signal.SIGHUP, lambda number, frame: None)
    os.umask(0o022)
    wire = Wire(BufferedReader(FileIO(0, closefd=False), 1), _private_stdout())
    wire.stopping = plan.get("stopping", False)
    wire.send({"event": "hello", "python": "%d.%d.%d" % sys.version_info[:3], "uid": os.geteuid()})
    _stay(plan)
    serve(wire, plan)
    return 0


def detached(mode: str, state: str) -> int:
    """Run the agent on the disk as a transaction, or as the recovery of one."""
    from .transaction import transaction

    loader.hold(agent_tree.own())
    return transaction.main(mode, state)


def serve(wire: Wire, plan: Plan) -> None:
    """Go through a plan, in apply mode under the lock; what is a transaction is handed over."""
    for resource in plan["resources"]:
        kinds.load(resource["kind"])
    gc.freeze()  # what has been imported stays
    gc.enable()
    run = Run(wire, plan["mode"], _place(plan), plan["who"])
    run.site = Site(**plan["site"])
    run.ssh_agent = "".join(sys.argv[1:2])
    run.silence = plan.get("silence", run.silence)
    with silence.told(run):
        _serve(plan, run)


def _stay(plan: Plan) -> None:
    """Have the agent on the disk for the next run; a host without any trace of us gets none."""
    if plan["mode"] == "apply" or os.path.isdir(plan["host_state"]):
        with contextlib.suppress(OSError, Failed, Held):  # a transaction says why, and needs it
            agent_tree.kept(plan["host_state"], plan["who"])


def _serve(plan: Plan, run: Run) -> None:
    if run.checking:
        _end(plan, run, drive(plan["resources"], run).lost)
        return
    try:
        with locked(_locks(plan), plan["who"], _purpose(plan)):
            driven = _apply(plan, run)
            if driven.rest:
                _hand_over(plan, run, driven)
        if driven.rest:
            _follow(plan, run)
        _end(plan, run, driven.lost)
    except Held as held:
        run.event("locked", **held.holder)
    except Trouble as trouble:
        _fail(run, trouble.result())
        _end(plan, run, False)
    except OSError as error:
        result = refused("what Flaskwright remembers of this host", error, plan["state"])
        _fail(run, result)
        _end(plan, run, False)


def _apply(plan: Plan, run: Run) -> Driven:
    mark = os.path.join(plan["state"], "interrupted.json")
    earlier = disk.read(mark)
    if earlier is not None:
        run.about.interrupted = json.loads(earlier.decode("utf-8"))
        disk.remove(mark)
    driven = drive(plan["resources"], run)
    if driven.lost:
        disk.write(mark, json.dumps({"after": driven.done, "since": now()}).encode("ascii"))
    return driven


def _hand_over(plan: Plan, run: Run, driven: Driven) -> None:
    """Start the transaction, which waits for our lock."""
    from .transaction import handover  # much, and seldom needed

    began = time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(began))
    rest = {
        **plan["transaction"],
        "id": "%s-%03d" % (stamp, began % 1 * 1000),
        "began": began,
        "app": plan["app"],
        "site": plan["site"],
        "host_state": plan["host_state"],
        "who": run.who,
        "locks": _locks(plan),
        "purpose": _purpose(plan),
        "silence": run.silence,
        "first": driven.first,
        "of": len(plan["resources"]),
        "resources": driven.rest,
        "facts": run.about.told(),
        "states": run.states,
    }
    handover.start(run, rest)
    run.event("detached", id=rest["id"])


def _follow(plan: Plan, run: Run) -> None:
    from .transaction import handover

    handover.follow(run)
    handover.wait_for_lock(_locks(plan), run.who)


def _fail(run: Run, result: dict[str, Any]) -> None:
    run.states["state"] = "failed"
    run.event("result", id="state", kind="state", **result)


def _end(plan: Plan, run: Run, lost: bool) -> None:
    if plan["app"] and "failed" in run.states.values() and run.about.serves is None:
        run.about.serves = Releases(run.place).current()
    run.event("end", facts=run.about.told(), lost=lost)


def _place(plan: Plan) -> Place:
    return Place(state=plan["state"], **(plan["app"] or {}))


def _locks(plan: Plan) -> list[str]:
    return lock_paths(plan["state"], plan["app"] is not None)


def _purpose(plan: Plan) -> str:
    steps = list(dict.fromkeys(resource["step"] for resource in plan["resources"]))
    named = ", ".join(steps[:3]) + (" …" if len(steps) > 3 else "")
    return "%s: %s" % (plan["app"]["name"], named) if plan["app"] else named


def _private_stdout() -> BinaryIO:
    """Keep stdout for events; what else is printed goes to stderr."""
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return events
