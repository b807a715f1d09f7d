"""What to say when an agent did not come to its end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import (
    FlaskwrightError,
    LeftToHost,
    NeedsPerson,
    StepFailed,
    Unreachable,
)
from . import payload

LOST = -1  # the exit status of a command whose link was lost
SILENT = -2  # in its place for a command that said nothing for too long
KILLED = -3  # and for one that a signal ended
STUCK = -4  # and for one that the plan did not get to

if TYPE_CHECKING:
    from ..secrets.operator_passwords import Own

# what an agent is at: reading only, changing the host, following a transaction that needs nobody
ASKS, CHANGES, FOLLOWS = "asks", "changes", "follows"
RUNS = "runs"  # no agent: a command of the person's own
DONE = "done"  # it has said how it ended

# exit status before the agent's first event -> what, why, next
_NOT_BEGUN = {
    payload.NO_PYTHON: (
        "there is no python3 on {host}",
        "The agent is a Python program.",
        "on the host: sudo apt-get install python3",
    ),
    payload.OLD_PYTHON: (
        "python3 on {host} is too old",
        "The agent needs Python 3.7 or newer.",
        "",
    ),
    payload.NO_SUDO: (
        "{user} on {host} is not root, and there is no sudo",
        "The guide's steps need the rights of root.",
        "install sudo on the host, or set `user` to root",
    ),
    payload.PASSWORD_WANTED: (
        "sudo on {host} wants a password",
        "There is none for this host in {kept.words}.",
        "type it at a terminal, which asks, or with --prompt-for-sudo-password; {kept.advice}; or "
        "NOPASSWD in the host's sudoers",
    ),
    payload.PASSWORD_REFUSED: (
        "sudo on {host} refuses",
        "The password is wrong, or {user} may not use sudo.",
        "--prompt-for-sudo-password, or {kept.advice}",
    ),
    SILENT: (
        "{host} took the login, and then nothing came",
        "A login script or sudo waits for something.",
        "",
    ),
    STUCK: (
        "large packets are lost on the way to {host}",
        "The login went through, and the plan does not: the MTU of the path, behind a jump host or "
        "a proxy, is smaller than the interface's there.",
        "on the machine that the way leads through: sudo ip link set dev INTERFACE mtu 1280",
    ),
    LOST: (
        "the link was lost before the agent began",
        "Nothing was changed.",
        "run the same command again",
    ),
    KILLED: ("the agent was killed on {host} as it began", "", "run the same command again"),
}
_GONE_QUIET = "the host has said nothing for two minutes"
_ENDS = {LOST: "the link was lost", SILENT: _GONE_QUIET, STUCK: _GONE_QUIET}
_OTHER = (
    "the agent did not start on {host} (exit status {status})",
    "A login script or sudo ended it; {user} must be able to run python3 as root.",
    "",
)


def not_begun(status: int, host: str, user: str, kept: Own, log: Iterable[str]) -> Unreachable:
    """Return the error for an agent that never spoke; `log` is what others said in its place.

    kept: the password for sudo that the operator may have.
    """
    what, why, advice = (
        text.format(host=host, user=user, status=status, kept=kept)
        for text in _NOT_BEGUN.get(status, _OTHER)
    )
    return Unreachable(what, why=why, log=log, next=advice)


def not_ended(status: int, host: str, stage: str, log: Iterable[str]) -> FlaskwrightError:
    """Return the error for an agent that fell silent in the middle, at a stage of the above."""
    if stage == FOLLOWS:
        return left(host, stage, _ENDS.get(status, "the agent was ended"))
    if status == KILLED:
        return StepFailed(
            "the agent was killed on the host",
            why="A person there did that, or the kernel, which was out of memory.",
            log=log,
            next="run the same command again; it carries on where it stopped",
        )
    if status not in _ENDS:
        return StepFailed("the agent broke", why="This is a mistake in Flaskwright.", log=log)
    if stage == ASKS:
        return Unreachable(
            _ENDS[status], why="Nothing was being changed.", next="run the same command again"
        )
    return left(host, stage, _ENDS[status])


def nonsense(host: str, stage: str, why: str) -> FlaskwrightError:
    """Return the error for a host that says what no agent says; `stage` is one of the above."""
    what = f"{host} does not answer as our agent does"
    if stage == ASKS:
        return StepFailed(what, why=f"{why}.", next="look who or what answers there")
    return NeedsPerson(
        what,
        why=f"{why}; what was being changed is not known here.",
        next=f"./fab -H {host} status, once it is known who or what answers there",
    )


def unanswered(host: str, mode: str, names: Sequence[str]) -> FlaskwrightError:
    """Return the error for a host that ends without a result for these resources."""
    few = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    why = f"It has ended without a result for {len(names)} of the plan: {few}"
    return nonsense(host, ASKS if mode == "check" else CHANGES, why)


def interrupted(host: str, stage: str, at: str) -> str:
    """Say what Ctrl-C has left behind, where nothing was being changed; `at`: what was waited for.

    stage: one of the above; empty while there is no agent yet.
    """
    if stage == RUNS:
        return f"{host}  interrupted; the command may still be running there"
    if at:
        return f"{host}  interrupted while it {at}; nothing was changed"
    if stage in (CHANGES, DONE):
        return f"{host}  interrupted; what the host had begun was at its end"
    return f"{host}  interrupted; nothing was being changed"


def left(host: str, stage: str, what: str) -> LeftToHost:
    """Return the error for changes that go on, or end, without us."""
    if stage == FOLLOWS:
        return LeftToHost(
            what,
            why="The host goes on by itself, and ends in commit or undo.",
            next=f"./fab -H {host} attach",
        )
    return LeftToHost(
        what,
        why="The host finishes the step in hand, then stops.",
        next="run the same command again; it carries on where it stopped",
    )
