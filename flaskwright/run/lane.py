"""A lane: one host's way through a command, in a thread and on a connection of its own."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from invoke import Call, Exit

from flaskwright.agent.common.text import lines

from ..errors import FlaskwrightError, Unreachable
from ..link.ending import FOLLOWS, interrupted, left
from ..report import console
from ..ssh.connection import Connection
from . import runner
from .exit_codes import exit_code, is_good, worst
from .makers import made

if TYPE_CHECKING:
    from fabric import Config

    from ..inventory import Host

FLAGS = ("dry_run", "json", "verbose")


class Lane:
    """Runs calls on a host in order, until one does not end well; `code` is what came of them."""

    alone = True  # there is no other host
    at_once = True  # what it says is shown as it comes

    def __init__(self, host: Host, config: Config, *, debug: bool = False) -> None:
        self.host = host
        self.code = 0
        self.begun = False
        self.error: FlaskwrightError | None = None
        self.results: list[object] = []
        self._config = config
        self._debug = debug
        self._connection: Connection | None = None
        self._abandoned = False

    def run(self, calls: Sequence[Call]) -> None:
        """Run the calls; what goes wrong is reported, and kept in `code` and `error`."""
        self.begun = True
        try:
            connection = self._connect(any(getattr(c.task, "makes", False) for c in calls))
            for group in groups(calls):
                self.results.append(_run(connection, group))
                self.code = worst((self.code, exit_code(self.results[-1])))
                if not is_good(self.code):
                    return
        except (Exception, SystemExit) as error:
            if not self._abandoned:
                self.error = told(error, debug=self._debug)
                self.code = report(self.host.name, error, debug=self._debug)

    def ask_to_stop(self) -> bool:
        """Ask for a safe stop where an agent is changing the host; False where none is."""
        ask = self._connection.ask_to_stop if self._connection else None
        if ask:
            ask()
        return ask is not None

    def abandon(self, usual: bool = False) -> None:
        """Close the connection under the calls; what that leaves is said unless that is usual."""
        self._abandoned = True
        stage = self._connection.stage if self._connection else ""
        at = self._connection.at if self._connection else ""
        asked = self._connection is not None and self._connection.ask_to_stop is not None
        self.close()
        self.error = FlaskwrightError("interrupted", why="Nothing was being changed.")
        if asked or stage == FOLLOWS:
            self.error = left(self.host.name, stage, "interrupted")
            console.failure(self.host.name, self.error)
        else:
            if not usual:
                console.tell(interrupted(self.host.name, stage, at))
            console.keep_error(self.host.name, self.error)
        self.code = self.error.exit_code

    @property
    def part(self) -> AbstractContextManager[None]:
        """Where what it says belongs: below the host's name, where there are several hosts."""
        if self.alone:
            return nullcontext()
        return console.part_of(self.host.name, at_once=self.at_once)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection:
            self._connection.close()

    def _tell_wait(self, what: str, seconds: float) -> None:
        console.tell(f"{self.host.name}  {what}  {seconds:.0f} s")

    def _connect(self, make: bool) -> Connection:
        if self._connection is None:
            self._connection = Connection(made(self.host, make), self._config)
            self._connection._set(alone=self.alone)
            self._connection.on_wait = self._tell_wait
        return self._connection


def run_lanes(lanes: Sequence[Lane], calls: Sequence[Call], width: int) -> bool:
    """Run the calls on all lanes, `width` at a time; one by one they stop at the first that fails.

    Gives whether Ctrl-C has asked for a stop: then nothing else may be begun.

    The first Ctrl-C asks the hosts that are being changed to stop, and waits for what comes of it;
    the second one leaves them to themselves, and goes on as KeyboardInterrupt.
    """
    for start in range(0, len(lanes), width):
        stopped = _run_together(lanes[start : start + width], calls)
        rest = lanes[start + width :]
        failed = width == 1 and not is_good(lanes[start].code)
        if rest and (stopped or failed):
            console.tell(f"not begun: {', '.join(lane.host.name for lane in rest)}")
            for lane in rest:
                console.keep_error(lane.host.name, Unreachable("not begun"))
            if stopped:
                raise KeyboardInterrupt
        if stopped or failed:
            return stopped
    return False


def groups(calls: Iterable[Call]) -> Iterator[list[Call]]:
    """Put neighbours together that one exec can do: steps, or questions, with the same flags."""
    for _, group in groupby(enumerate(calls), key=lambda item: _kind(*item)):
        yield [call for _, call in group]


def report(host: str | None, error: BaseException, *, debug: bool = False) -> int:
    """Show what went wrong; returns its exit code."""
    if isinstance(error, Exit) and not error.message:  # whoever raises it has said all
        console.keep_error(host, told(error))
    else:
        console.failure(host, told(error, debug=debug))
    return int(error.code) if isinstance(error, Exit) else told(error).exit_code


def told(error: BaseException, *, debug: bool = False) -> FlaskwrightError:
    """Return what went wrong as it is told; an exception that nobody expects in one line."""
    if isinstance(error, FlaskwrightError):
        return error
    if isinstance(error, Exit):
        return FlaskwrightError(error.message or f"ended with exit status {error.code}")
    return _unexpected(error, debug)


def _run_together(lanes: Sequence[Lane], calls: Sequence[Call]) -> bool:
    """Run the calls on these lanes; gives whether Ctrl-C has asked them to stop."""
    done: SimpleQueue[Lane] = SimpleQueue()

    def work(lane: Lane) -> None:
        try:
            with lane.part:
                lane.run(calls)
        finally:
            done.put(lane)

    for lane in lanes:
        threading.Thread(target=work, args=(lane,), name=lane.host.name, daemon=True).start()
    working = set(lanes)
    try:
        _wait(working, done)
        return False
    except KeyboardInterrupt:
        asked = [lane.ask_to_stop() for lane in working]
        if not any(asked):
            _abandon(working, all(call.kwargs.get("follow") for call in calls))
            raise
        _wait_for_stop(working, done)
        return True


def _wait(working: set[Lane], done: SimpleQueue[Lane]) -> None:
    while working:
        working.discard(done.get())


def _wait_for_stop(working: set[Lane], done: SimpleQueue[Lane]) -> None:
    console.tell("stops as soon as that is safe; Ctrl-C again leaves it to the host")
    try:
        _wait(working, done)
    except KeyboardInterrupt:
        _abandon(working)
        raise


def _abandon(working: Iterable[Lane], usual: bool = False) -> None:
    for lane in working:
        lane.abandon(usual)


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
        return FlaskwrightError(first, log=lines(rest), next="--debug shows the traceback")
    return FlaskwrightError(first, log=lines("".join(traceback.format_exception(error))))
