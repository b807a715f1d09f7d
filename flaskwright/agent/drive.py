"""Goes through a plan: compare, fix, compare again, report; stops at the first failure."""

from __future__ import annotations

import sys
import time

from . import space
from .errors import Failed, Gone, NotYet
from .handler import HANDLERS, Act

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .handler import Handler
    from .run import Run

    Fields = dict[str, Any]


def drive(resources: Sequence[Fields], run: Run) -> str | None:
    """Do the plan; where the operator went away before its end, give the id of the last one done.

    Nothing follows a resource that failed. A resource in hand is finished even for nobody.
    """
    done = ""
    for number, fields in enumerate(resources, 1):
        if run.wire.gone():
            return done
        run.current = fields["id"]
        about = {"id": fields["id"], "step": fields.get("step", "")}
        run.event("start", n=number, of=len(resources), **about)
        started = time.monotonic()
        try:
            result = judge(fields, run)
        except Gone:
            return done
        seconds = round(time.monotonic() - started, 3)
        run.states[fields["id"]] = result["state"]
        run.event("result", seconds=seconds, **about, **result)
        if result["state"] == "failed":
            break
        done = fields["id"]
    return None


def judge(fields: Fields, run: Run) -> Fields:
    """Deal with one resource; gives the fields of its result. Only Gone gets out."""
    try:
        handler = HANDLERS[fields["kind"]](fields, run)
        return _act(handler) if isinstance(handler, Act) else _converge(handler)
    except Gone:
        raise
    except NotYet as reason:
        if run.checking:
            return {"state": "would run", "note": str(reason)}
        return _failed(Failed("%s cannot be known" % fields["id"], "it comes " + str(reason)))
    except Failed as failed:
        return _failed(space.explained(failed))
    except OSError as error:
        return refused(fields["id"], error, _path(fields))
    except Exception as error:
        return _failed(_bug(fields["id"], error))


def refused(what: str, error: OSError, path: str) -> Fields:
    """Give the result's fields for something that the operating system refused at `path`."""
    return _failed(space.failure(what, error, path))


def _converge(handler: Handler) -> Fields:
    actual = handler.actual()
    differing = _differing(handler, actual)
    if not differing:
        return {"state": "ok"}
    result: Fields = {"diff": handler.diff(actual, differing), "note": handler.note()}
    if handler.run.checking:
        return dict(result, state="would change")
    handler.fix(differing)
    actual = handler.actual()
    differing = _differing(handler, actual)
    if differing:
        log = handler.diff(actual, differing)
        raise Failed("%s still differs: %s" % (handler.id, ", ".join(differing)), log=log)
    return dict(result, state="changed", note=handler.note() or result["note"])


def _act(handler: Act) -> Fields:
    if handler.run.checking and not handler.reads:
        return {"state": "would run"}
    return {"state": "done", "answer": handler.act()}


def _differing(handler: Handler, actual: Fields) -> list[str]:
    return [key for key, value in handler.wanted().items() if actual.get(key) != value]


def _path(fields: Fields) -> str:
    path: str = fields.get("path") or fields.get("app_root") or "/"
    return path


def _failed(failed: Failed) -> Fields:
    parts = {"what": failed.what, "why": failed.why, "log": failed.log, "next": failed.next}
    return dict(parts, state="failed")


def _bug(resource: str, error: Exception) -> Failed:
    trace, places = sys.exc_info()[2], []
    while trace:
        code = trace.tb_frame.f_code
        places.append("%s:%d in %s" % (code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    why = "a mistake of Flaskwright: %s: %s" % (type(error).__name__, error)
    return Failed("%s could not be dealt with" % resource, why, places[-4:])
