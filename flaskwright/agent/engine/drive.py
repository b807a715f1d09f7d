"""Goes through a plan: compare, fix, compare again, report; stops at the first failure."""

from __future__ import annotations

import sys
import time

from . import refusal
from .beside import Beside
from .errors import Failed, Gone, HandOver, NotYet, Trouble
from .handler import HANDLERS, Act
from .run import AT_WORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .handler import Handler
    from .run import Run

    Fields = dict[str, Any]


class Driven:
    """How far a drive came.

    lost: the operator went away; then `done` is the last resource dealt with. rest: what a
    transaction has to go on with, and `first` its number.
    """

    def __init__(self) -> None:
        self.done = ""
        self.lost = False
        self.first = 0
        self.rest: Sequence[Fields] = ()


def drive(resources: Sequence[Fields], run: Run, first: int = 1, of: int = 0) -> Driven:
    """Do the plan, whose resources count from `first` to `of`.

    Nothing follows a resource that failed. A resource in hand is finished even for nobody.
    """
    driven, beside = Driven(), Beside(run, resources, judge)
    run.begin = beside.begin
    for place, fields in enumerate(resources):
        try:
            result = _dealt_with(fields, run, beside, (first + place, of or len(resources)))
        except Gone:
            driven.lost = True
            break
        except HandOver:
            driven.first, driven.rest = first + place, resources[place:]
            break
        if result["state"] == "failed":
            break
        driven.done = fields["id"]
    beside.end(at_once=not driven.lost)
    return driven


def _dealt_with(fields: Fields, run: Run, beside: Beside, place: tuple[int, int]) -> Fields:
    if run.wire.gone():
        raise Gone("the operator has gone")
    run.current = fields["id"]
    about = {"id": fields["id"], "kind": fields["kind"], "step": fields.get("step", "")}
    about.update({"path": fields["path"]} if "path" in fields else {})
    run.event("start", n=place[0], of=place[1], **about)
    started = time.monotonic()
    with run.waits(AT_WORK):
        result = beside.result(fields, run) or judge(fields, run)
    seconds = result.pop("seconds", round(time.monotonic() - started, 3))
    run.states[fields["id"]] = result["state"]
    run.event("result", seconds=seconds, **about, **result)
    return result


def judge(fields: Fields, run: Run) -> Fields:
    """Deal with one resource; gives the fields of its result. Only Gone and HandOver get out."""
    try:
        if run.wire.stopping:
            run.stop("as asked, before %s" % fields["id"])
        handler = HANDLERS[fields["kind"]](fields, run)
        return _act(handler) if isinstance(handler, Act) else _converge(handler)
    except (Gone, HandOver):
        raise
    except NotYet as reason:
        if run.checking:
            return {"state": "would run", "note": str(reason)}
        return Failed("%s cannot be known" % fields["id"], "it comes " + str(reason)).result()
    except Trouble as trouble:
        return refusal.explained(trouble).result()
    except OSError as error:
        return refused(fields["id"], error, fields.get("path") or run.place.root)
    except Exception as error:
        return _bug(fields["id"], error).result()


def refused(what: str, error: OSError, path: str) -> Fields:
    """Give the result's fields for something that the operating system refused at `path`."""
    return refusal.failure(what, error, path).result()


def _converge(handler: Handler) -> Fields:
    actual = handler.actual()
    differing = _differing(handler, actual)
    if not differing:
        return {"state": "ok"}
    result: Fields = {"diff": handler.diff(actual, differing), "note": handler.note()}
    if handler.run.checking:
        return dict(result, state="would change")
    if handler.detached and not (handler.run.detached or handler.run.is_early):
        raise HandOver
    handler.fix(differing)
    actual = handler.actual()
    differing = _differing(handler, actual)
    if differing:
        raise handler.unmet(actual, differing)
    return dict(result, state="changed", note=handler.note() or result["note"])


def _act(handler: Act) -> Fields:
    if handler.run.checking and not handler.reads:
        return {"state": "would run"}
    return {"state": "done", "answer": handler.act()}


def _differing(handler: Handler, actual: Fields) -> list[str]:
    return [key for key, value in handler.wanted().items() if actual.get(key) != value]


def _bug(resource: str, error: Exception) -> Failed:
    trace, places = sys.exc_info()[2], []
    while trace:
        code = trace.tb_frame.f_code
        places.append("%s:%d in %s" % (code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    why = "a mistake of Flaskwright: %s: %s" % (type(error).__name__, error)
    return Failed("%s could not be dealt with" % resource, why, places[-4:])
