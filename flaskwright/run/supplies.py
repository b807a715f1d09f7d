"""What the agent may ask the operator's side for, and what it gets: no more than the plan needs.

A host asks for what it likes. It gets an answer when the plan has a resource whose handler asks
so, and what changes a host is given to a run that may change it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import FlaskwrightError, UsageError
from ..report import console
from ..workstation import (
    commits,
    dh_group,
    git_server,
    mysql,
)

if TYPE_CHECKING:
    from ..link import transport
    from ..plan.plan import Mode, Plan
    from ..secrets.entries import Entries
    from ..ssh.connection import Connection

Value = dict[str, Any]

# what is asked for -> the kinds of resources that need it
ASKED_BY = {
    "commit": ("repository",),
    "token": ("repository",),
    "host-keys": ("repository",),
    "dh-group": ("dh-group",),
    "secret-marks": ("credential", "secret-list"),
    "secrets": ("credential",),
    "mysql-password": ("mysql-account", "mysql-login"),
}
NOT_IN_A_DRY_RUN = ("commit", "secrets", "dh-group")


def answers(
    connection: Connection, todo: Plan, mode: Mode, entries: Entries | None
) -> transport.OnWant:
    """Return what answers the agent's questions; what it may not have is an empty answer."""
    host = connection.host
    repo = host.app.repo if host.app else ""
    known: dict[str, Callable[[Value], bytes]] = {
        "commit": lambda value: _pack(todo, value),
        "token": lambda value: git_server.login(host, repo),
        "dh-group": lambda value: dh_group.group(_planned(todo, "group"), console.tell),
        "host-keys": lambda value: git_server.host_keys(repo, connection.config_file),
    }
    if entries:
        known["secret-marks"] = lambda value: entries.marks(_key(value))
        known["secrets"] = lambda value: entries.packed()
        known["mysql-password"] = lambda value: mysql.password(host, entries)
    given = [name for name in known if _is_needed(name, todo, mode)]

    def answer(name: str, value: Value | None) -> bytes:
        try:
            return known[name](value or {}) if name in given else b""
        except FlaskwrightError as error:
            if name == "token" and isinstance(error, UsageError):
                raise  # what the host would say of it helps nobody
            console.tell(f"{host.name}  {error.what}: {error.why}")
            return b""

    return answer


def _is_needed(name: str, todo: Plan, mode: Mode) -> bool:
    kinds = {item.resource.kind for item in todo.items}
    rehearsed = mode == "check" and name in NOT_IN_A_DRY_RUN
    return not rehearsed and not kinds.isdisjoint(ASKED_BY[name])


def _pack(todo: Plan, value: Value) -> bytes:
    """Return the pack of the planned commit; raises FlaskwrightError for any other."""
    app, asked = todo.host.app, value.get("commit")
    local = commits.checkout(app) if app else None
    if local is None or asked != _planned(todo, "commit"):
        raise FlaskwrightError(
            "the host asks for a commit that is not being deployed",
            why="It was not sent: a host gets what is deployed to it, and nothing else.",
        )
    have = value.get("have")
    return commits.pack(local, asked, have if isinstance(have, list) else ())


def _planned(todo: Plan, field: str) -> str:
    """Return a field of the one resource in the plan that has it."""
    return next(filter(None, (getattr(each.resource, field, "") for each in todo.items)), "")


def _key(value: Value) -> bytes:
    try:
        return bytes.fromhex(value["key"])
    except (KeyError, TypeError, ValueError):
        raise FlaskwrightError(
            "the host's key for the marks of secrets is none", why="It is not hexadecimal."
        ) from None
