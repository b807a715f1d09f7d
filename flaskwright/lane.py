"""A lane: one host's way through a command, in a thread and on a connection of its own."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from invoke import Call, Exit

from . import console, runner
from .connection import Connection
from .errors import FlaskwrightError, LeftToHost
from .makers import made

if TYPE_CHECKING:
    from fabric import Config

    from .inventory import Host

WORST_FIRST = (3, 6, 1, 5, 4, 64, 2, 0)
FLAGS = ("dry_run", "json")


class Lane:
    """Runs calls on a host in order, until one does not end well; `code` is what came of them."""

    def __init__(self, host: Host, config: Config, *, debug: bool = False) -> None:
        self.host = host
        self.code = 0
        self._config = config
        self._debug = debug
        self._connection: Connection | None = None
        self._abandoned = False

    def run(self, calls: Sequence[Call]) -> None:
        """Run the calls; what goes wrong is reported and kept in `code`."""
        try:
            connection = self._connect(any(getattr(c.task, "makes", False) for c in calls))
            for group in groups(calls):
                self.code = worst((self.code, exit_code(_run(connection, group))))
                if not is_good(self.code):
                    return
        except (Exception, SystemExit) as error:
            if not self._abandoned:
                self.code = report(self.host.name, error, debug=self._debug)

    def abandon(self) -> None:
        """Close the connection under the calls: the agent ends after the resource in hand."""
        self._abandoned = True
        applying = self._connection is not None and self._connection.applying
        self.close()
        self.code = 1
        if applying:
            left = LeftToHost(
                "interrupted",
                why="The host finishes the step in hand, then stops.",
                next="run the same command again; it carries on where it stopped",
            )
            self.code = report(self.host.name, left)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection:
            self._connection.close()

    def _connect(self, make: bool) -> Connection:
        if self._connection is None:
            self._connection = Connection(made(self.host, make), self._config)
        return self._connection


def run_lanes(lanes: Sequence[Lane], calls: Sequence[Call], width: int) -> None:
    """Run the calls on all lanes, `width` at a time; one by one they stop at the first that fails.

    Ctrl-C abandons the lanes that are at work, and goes on as KeyboardInterrupt.
    """
    for start in range(0, len(lanes), width):
        _run_together(lanes[start : start + width], calls)
        rest = lanes[start + width :]
        if width == 1 and rest and not is_good(lanes[start].code):
            console.tell(f"not begun: {', '.join(lane.host.name for lane in rest)}")
            return


def groups(calls: Iterable[Call]) -> Iterator[list[Call]]:
    """Put neighbours together that one exec can do: steps, or questions, with the same flags."""
    for _, group in groupby(enumerate(calls), key=lambda item: _kind(*item)):
        yield [call for _, call in group]


def report(host: str | None, error: BaseException, *, debug: bool = False) -> int:
    """Show what went wrong; returns its exit code."""
    if isinstance(error, Exit):
        if error.message:
            console.failure(host, FlaskwrightError(error.message))
        return int(error.code)
    if not isinstance(error, FlaskwrightError):
        error = _unexpected(error, debug)
    console.failure(host, error)
    return error.exit_code


def exit_code(result: object) -> int:
    """Return what a task's result says about how it ended; nothing means well."""
    return int(getattr(result, "exit_code", 0) or 0)


def is_good(code: int) -> bool:
    """Tell whether what follows may be begun: done, or a dry run that found changes."""
    return code in (0, 2)


def worst(codes: Iterable[int]) -> int:
    """Return the one code for several; one that is not ours, of a command, counts as failed."""
    return min(codes, key=lambda code: WORST_FIRST.index(code if code in WORST_FIRST else 1))


def _run_together(lanes: Sequence[Lane], calls: Sequence[Call]) -> None:
    done: SimpleQueue[Lane] = SimpleQueue()

    def work(lane: Lane) -> None:
        try:
            lane.run(calls)
        finally:
            done.put(lane)

    for lane in lanes:
        threading.Thread(target=work, args=(lane,), name=lane.host.name, daemon=True).start()
    working = set(lanes)
    try:
        while working:
            working.discard(done.get())
    except KeyboardInterrupt:
        for lane in working:
            lane.abandon()
        raise


def _run(connection: Connection, group: Sequence[Call]) -> Any:
    first, *others = group
    if not others:
        return first.task(connection, *first.args, **first.kwargs)
    calls = [(call.task, _options(call)) for call in group]
    return runner.run(connection, calls, dry_run=first.kwargs.get("dry_run", False))


def _kind(place: int, call: Call) -> tuple[Any, ...]:
    """Return what neighbours must have in common; `place` is in it where they cannot be joined."""
    if not hasattr(call.task, "resources") or call.task.kind == "operation":
        return (place,)
    return (call.task.kind, *(call.kwargs.get(flag) for flag in FLAGS))


def _options(call: Call) -> dict[str, Any]:
    return {name: value for name, value in call.kwargs.items() if name not in FLAGS}


def _unexpected(error: BaseException, debug: bool) -> FlaskwrightError:
    first, _, rest = f"{type(error).__name__}: {error}".partition("\n")
    if not debug:
        return FlaskwrightError(first, log=rest.splitlines(), next="--debug shows the traceback")
    lines = "".join(traceback.format_exception(error)).splitlines()
    return FlaskwrightError(first, log=lines)
