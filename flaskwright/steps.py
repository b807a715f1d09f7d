"""The decorators that make Fabric tasks: @step, @operation, @question, @local.

A step, an operation and a question are generators of resources: `def install(host): yield …`.
Further parameters become flags of the task. What a task stands on it yields from another task's
`resources(host)`; those keep the name of the step they come from.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

from fabric.tasks import Task

from .resources.base import Planned, Resources

if TYPE_CHECKING:
    from fabric import Connection

    from .inventory import Host
    from .report.report import HostReport

SHORT = {"follow": "f", "lines": "n", "verbose": "v"}  # the only short flags
Kind = Literal["step", "operation", "question", "local"]
Yields = Callable[..., Resources]

_FLAGS = {
    "dry_run": "Show what would change, and change nothing (exit 2 when something would).",
    "verbose": "Show each resource, its changes, and what programs say meanwhile.",
    "json": 'Print one JSON object, errors in it: {"hosts": {NAME: …}}.',
}


class EngineTask(Task):  # type: ignore[misc]  # Fabric ships no types
    """A Fabric task with what the executor has to know about it.

    remote: needs a host. needs_app: that host must be declared with guide and app. parallel: on up
    to 8 hosts at a time. makes: a throw-away host is made for it when it is not there. dry_refused:
    cannot be rehearsed. follows: shows how a transaction goes. about_hosts: done here, about the
    hosts that -H names, as `c.hosts`.
    """

    def __init__(
        self,
        body: Callable[..., Any],
        kind: Kind,
        help: Mapping[str, str],
        *,
        name: str | None = None,
        marks: Mapping[str, bool] = {},
    ) -> None:
        self.kind = kind
        self.remote = kind != "local"
        self.needs_app = marks.get("needs_app", self.remote)
        self.parallel = marks.get("parallel", True)
        self.makes = marks.get("makes", kind in ("step", "operation"))
        self.dry_refused = marks.get("dry_refused", False)
        self.about_hosts = marks.get("about_hosts", False)
        self.full_name = _full_name(body)
        super().__init__(body, name=name, auto_shortflags=False, help=help)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Stay who it is: Invoke copies all tasks at each start, and alters none."""
        return self

    def arg_opts(self, name: str, default: Any, taken_names: set[str]) -> dict[str, Any]:
        """Return a flag's properties for the parser, with its short form where it has one."""
        options: dict[str, Any] = super().arg_opts(name, default, taken_names)
        if name in SHORT:
            options["names"] = (*options["names"], SHORT[name])
        return options


class HostTask(EngineTask):
    """A task that yields resources, and is run by the agent."""

    def __init__(
        self,
        yields: Yields,
        kind: Kind,
        help: Mapping[str, str] = {},
        *,
        name: str | None = None,
        **marks: bool,
    ) -> None:
        self.yields = yields
        flags: tuple[str, ...] = ("json",)
        if kind != "question":
            flags = ("dry_run", "json", "verbose")
        elif marks.get("follows"):
            flags = ("json", "verbose")
        super().__init__(
            _body(self, yields, flags),
            kind,
            {**help, **{flag: _FLAGS[flag] for flag in flags}},
            name=name,
            marks=marks,
        )

    def resources(self, host: Host, **options: Any) -> Iterator[Planned]:
        """What this task yields for `host`, each with the name of the step it comes from."""
        for item in self.yields(host, **options):
            yield item if isinstance(item, Planned) else Planned(self.full_name, item)


def step(yields: Yields) -> HostTask:
    """Make a step: one instruction of a guide, idempotent and diffed."""
    return HostTask(yields, "step")


def operation(
    *, parallel: bool = True, help: Mapping[str, str] = {}
) -> Callable[[Yields], HostTask]:
    """Make an operation: done once because it was asked, in the agent, under the lock."""
    return lambda yields: HostTask(yields, "operation", help, parallel=parallel)


def question(
    *, name: str | None = None, help: Mapping[str, str] = {}, **marks: bool
) -> Callable[[Callable[..., Any]], EngineTask]:
    """Make a question: reads, changes nothing, takes no lock.

    A generator's resources are asked of the agent as they are; a plain function gets the
    connection and shows the answer itself.
    """

    def decorate(function: Callable[..., Any]) -> EngineTask:
        if inspect.isgeneratorfunction(function):
            return HostTask(function, "question", help, name=name, **marks)
        return EngineTask(function, "question", help, name=name, marks=marks)

    return decorate


def local(
    *, name: str | None = None, help: Mapping[str, str] = {}, **marks: bool
) -> Callable[[Callable[..., Any]], EngineTask]:
    """Make a task of the operator's own machine: `def up(c): …`."""
    return lambda body: EngineTask(body, "local", help, name=name, marks=marks)


def _body(task: HostTask, yields: Yields, flags: tuple[str, ...]) -> Callable[..., HostReport]:
    """Return the function that Fabric calls: a Connection, the options of `yields`, and flags."""

    def body(c: Connection, **options: Any) -> HostReport:
        from .run.runner import run

        dry_run = options.pop("dry_run", False)
        for flag in ("json", "verbose"):  # the executor has told the console
            options.pop(flag, False)
        if dry_run and "yes" in options:
            options["yes"] = True  # nothing is done that somebody would have to be asked for
        return run(c, [(task, options)], dry_run=dry_run)

    body.__name__ = yields.__name__
    body.__module__ = yields.__module__
    body.__doc__ = yields.__doc__
    body.__signature__ = _signature(yields, flags)  # type: ignore[attr-defined]
    return body


def _signature(yields: Yields, flags: tuple[str, ...]) -> inspect.Signature:
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = list(inspect.signature(yields).parameters.values())[1:]
    added = [inspect.Parameter(flag, keyword, default=False) for flag in flags]
    context = inspect.Parameter("c", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Signature([context, *own, *added])


def _full_name(body: Callable[..., Any]) -> str:
    """Return the name as typed: `tasks.nginx.multi_accept` is `nginx.multi-accept`."""
    name = body.__name__.strip("_").replace("_", "-")
    collection = body.__module__.rpartition(".")[2].replace("_", "-")
    return name if collection == "daily" else f"{collection}.{name}"
