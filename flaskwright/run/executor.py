"""Fabric's executor, with an inventory, one lane for each host, and exit codes that mean something.

Calls run in the order of the command line. What runs here runs on the main thread; neighbours that
run on hosts go down the lanes together, once what came before has ended well on every host.
"""

from __future__ import annotations

import dataclasses
import gc
import signal
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING, Any

import fabric
import invoke
from invoke import Call, Exit, Task, UnexpectedExit

from .. import inventory
from ..config.rules import split
from ..errors import FlaskwrightError, UsageError
from ..report import console, secret_consent
from . import hosts_table, plain_command
from .exit_codes import exit_code, is_good, worst
from .lane import Lane, report, run_lanes
from .makers import makers

if TYPE_CHECKING:
    from invoke import ParserContext

    from ..inventory import Host, Inventory
    from ..ssh.connection import Connection

__all__ = ["Executor", "makers"]

AT_A_TIME = 8
INTERRUPTED = 1


@dataclasses.dataclass(frozen=True)
class Stretch:
    """Neighbouring calls for the same place; without lanes that place is here."""

    calls: tuple[Call, ...]
    lanes: tuple[Lane, ...] = ()
    width: int = 1


class Executor(fabric.Executor):  # type: ignore[misc]  # Fabric ships no types
    """Runs the calls of one command line; `tasks.executor_class` in fabric.yaml names it."""

    def execute(self, *tasks: Any) -> dict[Task, Any]:
        """Run the tasks; raises Exit with the code that combines what came of them."""
        if callable(signal.getsignal(signal.SIGINT)):  # until now it was __main__.py's
            signal.signal(signal.SIGINT, signal.default_int_handler)
        gc.freeze()  # what has been imported stays
        gc.enable()
        self._lanes: dict[str, Lane] = {}
        self._stopped = False
        console.ask_about(split(self._names or ""))
        if any("json" in task.args and task.args.json.value for task in tasks):
            console.use_json()
        try:
            code = self._execute(tasks)
        except UnexpectedExit:
            raise  # Fabric's own way to end
        except Exception as error:
            code = report(None, error, debug=self._debug)
        except KeyboardInterrupt:
            if not self._lanes:
                console.tell("interrupted; no host was asked for anything")
            console.keep_error(None, FlaskwrightError("interrupted"))
            code = worst([INTERRUPTED, *(lane.code for lane in self._lanes.values())])
        finally:
            self._finish()
        if code:
            raise Exit(code=code)
        return {}

    def expand_calls(self, calls: Sequence[Call], apply_hosts: bool = True) -> list[Call]:
        """Return the calls with those that come before and after; hosts are the lanes' business."""
        return list(invoke.Executor.expand_calls(self, calls))

    def _execute(self, tasks: Sequence[ParserContext]) -> int:
        self.config.load_collection(self.collection.configuration())
        self.config.load_shell_env()
        for task in tasks:
            _refuse_empty(task)
        calls = self.expand_calls(self.normalize(tasks))
        if self.core.remainder:
            calls.append(Call(_typed(self.core.remainder)))
        calls = [self._rehearsed(call) for call in calls]
        if any(call.kwargs.get("verbose") for call in calls):
            console.be_verbose()
        for stretch in self._stretches(calls):
            if self._stopped:
                raise KeyboardInterrupt
            try:
                code = self._run(stretch)
            except KeyboardInterrupt:
                if all(call.kwargs.get("follow") for call in stretch.calls):
                    return 0  # it has no other end
                raise
            if not is_good(code):
                return code
        return worst([0, *(lane.code for lane in self._lanes.values())])

    def _run(self, stretch: Stretch) -> int:
        if stretch.lanes:
            self._stopped = run_lanes(stretch.lanes, stretch.calls, stretch.width)
            return worst(lane.code for lane in stretch.lanes)
        for call in stretch.calls:
            context = call.make_context(self.config)
            if getattr(call.task, "about_hosts", False):
                context._set(hosts=self._inventory.select(self._names))
            code = exit_code(call.task(context, *call.args, **call.kwargs))
            if not is_good(code):
                return code
        return 0

    def _rehearsed(self, call: Call) -> Call:
        """Return the call as `-R/--dry` means it: with `--dry-run`, or refused."""
        if call.kwargs.get("json") and call.kwargs.get("follow"):
            raise UsageError("--json is for what has an end; -f has none")
        if not self.config.run.dry:
            return call
        if getattr(call.task, "dry_refused", False):
            raise UsageError(
                f"{call.called_as or 'a command'} cannot be rehearsed",
                why="What it would change is not known before it runs.",
                next="leave -R away",
            )
        if "dry_run" in call.kwargs:
            call.kwargs["dry_run"] = True
        return call

    def _stretches(self, calls: Sequence[Call]) -> list[Stretch]:
        """Return all the stretches; each host is found before anything is begun."""
        return [
            self._stretch(tuple(group), *place)
            for place, group in groupby(calls, key=lambda call: self._place(call.task))
        ]

    def _place(self, task: Task) -> tuple[bool, bool]:
        """Return whether a task runs on hosts, and whether on several at a time.

        A task that is not of ours runs on hosts when some are named, as with Fabric.
        """
        remote = getattr(task, "remote", bool(self._names))
        return remote, remote and getattr(task, "parallel", False)

    def _stretch(self, calls: tuple[Call, ...], remote: bool, parallel: bool) -> Stretch:
        if not remote:
            return Stretch(calls)
        undeclared = not any(getattr(call.task, "needs_app", False) for call in calls)
        hosts = self._inventory.select(self._names, undeclared=undeclared)
        if len(hosts) > 1:
            secret_consent.ask_nobody()
        lanes = tuple(self._lane(host, alone=len(hosts) == 1) for host in hosts)
        for lane in lanes:
            lane.at_once = not parallel or any(call.kwargs.get("follow") for call in calls)
        return Stretch(calls, lanes, AT_A_TIME if parallel else 1)

    def _lane(self, host: Host, alone: bool) -> Lane:
        if host.name not in self._lanes:
            config = self.config.clone()
            if not alone:
                config.run.in_stream = False  # lanes would share out what the operator types
            self._lanes[host.name] = Lane(host, config, debug=self._debug)
            self._lanes[host.name].alone = alone
        return self._lanes[host.name]

    @cached_property
    def _inventory(self) -> Inventory:
        for module in self.config.get("makers", ()):
            import_module(module)
        return inventory.load()

    @property
    def _names(self) -> str | None:
        """What -H says."""
        names: str | None = self.core[0].args.hosts.value
        return names

    @property
    def _debug(self) -> bool:
        return bool(self.core[0].args.debug.value)

    def _finish(self) -> None:
        for lane in self._lanes.values():
            lane.close()
        if len(self._lanes) > 1:
            hosts_table.show(self._lanes.values())
        console.finish()


def _refuse_empty(typed: ParserContext) -> None:
    """Refuse a value that was given and is empty; left away it would be the default, unsaid."""
    for argument in typed.args.values():
        if argument.raw_value == "":
            raise UsageError(
                f"{typed.name}: --{argument.names[0]} is empty",
                why="Perhaps a variable in a script is not set.",
                next="give it a value" + ("" if argument.positional else ", or leave it away"),
            )


def _typed(command: str) -> Task:
    """Return a task that runs what was typed after `--`, its output as it is."""

    def body(c: Connection) -> plain_command.Ended:
        """Run a command."""
        return plain_command.plain(c, command)

    task = Task(body)
    task.remote, task.dry_refused = True, True
    return task
