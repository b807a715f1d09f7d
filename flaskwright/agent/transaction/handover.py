"""From the connected part of a run to the transaction: it is started, and its journal followed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time

from ..app.history import Verdicts
from ..engine.command import KEPT
from ..engine.errors import Failed
from ..system import agent_tree, disk
from ..system.lock import Held, locked
from ..system.paths import make_directories
from ..system.units import has_ended
from .journal import events
from .pending import Pending
from .recovery import JOURNAL, LINK, PLAN, STAYS
from .reserve import Reserve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..common.place import Place
    from ..engine.run import Run

    Plan = dict[str, Any]


REMEMBERED = 20  # journals that stay
PAUSE = 0.02  # seconds between two looks at the journal
LOOKS = 25  # of them between two looks at the unit
LAST = 5.0  # seconds
OTHERS = 60.0  # seconds for another run that puts an agent on the disk
PATIENCE = 9.5  # seconds, more than in the transaction


def start(run: Run, plan: Plan) -> None:
    """Write what the transaction needs, and have systemd run it.

    It waits for the lock, which whoever calls this has. Raises Held where another one is under
    way, Failed, and OSError; then nothing was started, and no plan is left with its secrets.
    """
    _must_be_alone(run)
    directory = os.path.join(run.place.state, "transactions", plan["id"])
    reserve = Reserve(run.place.state, run.place.root)
    try:
        reserve.take()  # later, with no room at all, it could not even say so
        agent = _written(run, plan, directory)
        run.command(_systemd_run(plan, run.place, agent), timeout=60)
    except BaseException:
        reserve.free()
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(directory, PLAN))
        raise


def follow(run: Run, journal: str = "") -> None:
    """Pass a journal, the last transaction's, on to its end, or until the operator has gone.

    Raises Failed where it ends without a word.
    """
    silent, journal = 0, journal or os.path.join(run.place.state, LINK, JOURNAL)
    run.patience = PATIENCE  # the transaction itself knows better what it waits for
    for event in events(journal):
        if event is not None:
            silent = 0
            _pass_on(run, event)
            continue
        if run.wire.gone():
            return
        if run.wire.stopping:
            run.wire.stopping = False
            _stop(run)
        silent += 1
        if silent % LOOKS == 0 and not is_running(run):
            _must_have_ended(run, journal, silent)
        time.sleep(PAUSE)


def wait_for_lock(locks: Sequence[str], who: str) -> None:
    """Return when the transaction has let go of the locks, which takes it a moment at its end."""
    with contextlib.suppress(Held), locked(locks, who, "the end of a transaction", LAST):
        return


def is_running(run: Run) -> bool:
    """Tell whether a transaction of the app is under way."""
    return not all(has_ended(run, unit + ".service") for unit in run.place.units("transaction"))


def _written(run: Run, plan: Plan, directory: str) -> str:
    """Write plan, journal and agent, and make them those of the last transaction."""
    make_directories(directory, 0o700)
    disk.write(os.path.join(directory, PLAN), json.dumps(plan).encode("ascii"), mode=0o600)
    disk.write(os.path.join(directory, JOURNAL), b"", mode=0o600)
    agent = agent_tree.kept(plan["host_state"], run.who, OTHERS)
    disk.replace_link(os.path.join(directory, "agent"), agent)
    disk.replace_link(os.path.join(run.place.state, LINK), "transactions/" + plan["id"])
    _forget(run.place.state)
    return agent


def _must_be_alone(run: Run) -> None:
    """Raise Held for one that has not got to its lock yet."""
    if is_running(run):
        raise Held(
            {"who": "somebody", "since": "a moment ago", "what": run.place.name + ": deploy"}
        )


def _pass_on(run: Run, event: dict[str, Any]) -> None:
    if event["event"] == "result":
        run.states[event["id"]] = event["state"]
    if event["event"] == "end":
        run.about.person = ""  # a later end knows better
        run.about.hear(event["facts"])
    else:
        run.pass_on(event)


def _must_have_ended(run: Run, journal: str, silent: int) -> None:
    if silent > 4 * LOOKS:
        if run.cache.get("stopped"):  # by the signal itself: it minds that once it is up
            run.stop("as asked")
        _must_not_be_committed(run, journal)
        argv = ["journalctl", "-q", "-o", "cat", "-n", "15", *_units(run)]
        log = run.command(argv, tail=True).lines
        raise Failed("the transaction ended without a word", "a mistake of Flaskwright", log)


def _must_not_be_committed(run: Run, journal: str) -> None:
    """Raise Failed where nothing was to be undone: it was cut off after its commit."""
    transaction = os.path.basename(os.path.dirname(os.path.realpath(journal)))
    release = Verdicts(run.place).committed(transaction)
    if release:
        run.about.person = STAYS % release
        what = "the deploy was cut off on the host after its commit"
        raise Failed(what, next="run the same command again")


def _units(run: Run) -> list[str]:
    return ["--unit=" + unit for unit in run.place.units("transaction")]


def _stop(run: Run) -> None:
    for unit in run.place.units("transaction"):
        argv = ["systemctl", "kill", "--kill-who=main", "--signal=TERM", unit + ".service"]
        run.command(argv, check=False, timeout=30)
    run.cache["stopped"] = True


def _systemd_run(plan: Plan, place: Place, agent: str) -> list[str]:
    """Give the command; a service of its own is ended by no logout, and cleaned up after."""
    python = sys.executable or "/usr/bin/python3"
    state = place.state
    pending, begun = Pending(place).path, os.path.join(state, LINK, PLAN)
    nothing = "[ ! -e %s ] && [ ! -e %s ]" % (pending, begun)
    recover = "%s || exec %s -I %s recover %s" % (nothing, python, agent, state)
    properties = {
        "Type": "exec",
        "KillMode": "mixed",
        "RuntimeMaxSec": str(plan["timeout"]),
        # SIGTERM may come in the wait for old requests, and the way back has two more of them
        "TimeoutStopSec": str(300 + 3 * plan["drain"]),
        "ExecStopPost": "/bin/sh -c '%s'" % recover,
    }
    given = ["--property=%s=%s" % pair for pair in properties.items()]
    given += ["--setenv=%s=%s" % (name, os.environ[name]) for name in KEPT if name in os.environ]
    about = [
        "--description=Flaskwright: %s" % plan["purpose"],
        "--unit=" + place.unit("transaction"),
    ]
    argv = ["systemd-run", "--quiet", "--collect", *about, *given, "--"]
    return [*argv, python, "-I", agent, "run", state]


def _forget(state: str) -> None:
    """Remove the oldest journals, and the agents of versions that kept them for each app."""
    place = os.path.join(state, "transactions")
    begun = os.path.basename(os.path.realpath(os.path.join(state, LINK)))
    for name in sorted(os.listdir(place))[:-REMEMBERED]:
        if name == begun:  # the clock was set back: not the newest by name
            continue
        shutil.rmtree(os.path.join(place, name), ignore_errors=True)
    shutil.rmtree(os.path.join(state, "agent"), ignore_errors=True)
