"""sudo's password: given beforehand, kept somewhere, or asked for at the terminal."""

from __future__ import annotations

import atexit
import getpass
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..errors import Unreachable
from ..report import console, live_line, secret_consent
from ..secrets.operator_passwords import sudo_password
from ..secrets.redactor import redact

if TYPE_CHECKING:
    from ..ssh.connection import Connection

TIMES = 3  # that a person is asked, as sudo does


def passwords(connection: Connection, log: Iterable[str]) -> Iterator[str]:
    """Yield what to try, one after the other: first what was given, empty for nothing.

    Who takes the next one says by that the one before was not good. log: what the host has said.
    Raises Unreachable where the operator's keyring does not open and nobody can be asked.
    """
    first = given(connection)
    yield first
    if not first:
        kept = _kept(connection, log)
        if kept:
            yield kept
    if not secret_consent.can_ask():
        return
    for turn in range(TIMES):
        if turn or first:
            console.tell(f"{connection.host.name}  sudo refuses that password")
        typed = ask(f"Password of {connection.user} for sudo on {connection.host.name}: ")
        connection.config.sudo.password = typed  # for this run
        yield typed


def given(connection: Connection) -> str:
    """Return the password that was given beforehand, empty for none; it is tried first."""
    return connection.config.sudo.password or ""


def ask(question: str) -> str:
    """Ask for a password at the terminal, which does not show it; it is hidden from then on."""
    _give_back_at_the_end()
    with live_line.aside():
        typed = getpass.getpass(question)
    if typed:
        redact.add(typed)
    return typed


def _kept(connection: Connection, log: Iterable[str]) -> str:
    try:
        return secret_consent.given(sudo_password(connection.host).read)
    except Unreachable as error:
        if secret_consent.can_ask():
            return ""
        raise Unreachable(
            f"sudo on {connection.host.name} wants a password",
            why=error.why,
            log=log,
            next=error.next,
        ) from error


def _give_back_at_the_end() -> None:
    """Have the terminal as it was once we end: Ctrl-C ends us, not the thread that asks."""
    import termios

    if sys.stdin and sys.stdin.isatty():
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        atexit.register(termios.tcsetattr, descriptor, termios.TCSADRAIN, before)
