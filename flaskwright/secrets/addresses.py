"""Which address may have which secret: what the operator has said, and what is to be asked."""

from __future__ import annotations

from typing import NamedTuple

from ..config import operator_state
from ..errors import UsageError

TYPED = "run it at a terminal, which asks; or --prompt-for-sudo-password"
ALLOWED, REFUSED, LOGINS = "allowed", "refused", "logins"


class Wish(NamedTuple):
    """That an address has what is another's.

    owner: a host's name, another address, `app:NAME` for all hosts of an app, or `git:SERVER`.
    """

    login: str
    owner: str

    @property
    def allowed(self) -> bool:
        """Whether that was said; raises UsageError, or Unreachable, for a state that is broken."""
        return self.owner in operator_state.names(ALLOWED, self.login)

    @property
    def refused(self) -> bool:
        """Whether somebody has said no to this address, and it is remembered."""
        return self.owner in operator_state.names(REFUSED, self.login)

    def answer(self, *, yes: bool) -> None:
        """Remember yes or no for this address, in the operator's state."""
        with operator_state.changed() as said:
            for topic, holds in ((ALLOWED, yes), (REFUSED, not yes)):
                known = said.setdefault(topic, {}).setdefault(self.login, [])
                known[:] = [each for each in known if each != self.owner]
                known += [self.owner] if holds else []


class NotAllowed(UsageError):
    """A secret that is here, and that nobody has said yet this address may have.

    host: its name in hosts.toml, empty for one that is in none. question: what to ask about the
    `wish`. value: what it is, for hiding alone.
    """

    def __init__(self, host: str, question: str, value: str, wish: Wish) -> None:
        super().__init__(
            question,
            why="A secret belongs to the address that it was set for, and this one is new.",
            next=f"./fab -H {host} secrets.allow" if host else TYPED,
        )
        self.question = question[0].upper() + question[1:]
        self.value = value
        self.wish = wish


def forget_refusals(login: str) -> None:
    """Have all that was refused to an address asked about again."""
    with operator_state.changed() as said:
        said.get(REFUSED, {}).pop(login, None)


def logins_of(host: str) -> list[str]:
    """Return the addresses that hosts of this name have had."""
    return operator_state.names(LOGINS, host)


def note_login(host: str, login: str) -> None:
    """Remember the address of a host, for when it gets another one."""
    if login not in logins_of(host):
        with operator_state.changed() as said:
            said.setdefault(LOGINS, {}).setdefault(host, []).append(login)
