"""An app's secrets on their way to its host: read here first, then told by marks, then given."""

from __future__ import annotations

from ..errors import FlaskwrightError, Unreachable
from ..report import secret_consent
from . import mysql
from .supply import Need, Question, before_sent, supplies


@before_sent("secrets")
def must_be_here(need: Need) -> None:
    """Read all that the app needs, and make the password of its database.

    Raises UsageError where something is missing, Unreachable where the keyring does not open.
    """
    if need.entries:
        secret_consent.given(need.entries.open)
        if need.host.mysql:
            mysql.provide(need.host, need.entries, rehearse=need.mode == "check")
        need.entries.must_be_whole()


@before_sent("secret-marks")
def read_what_is_here(need: Need) -> None:
    """Read what is here of it; asks about what the host's address may not have yet."""
    if need.entries:
        try:
            secret_consent.given(need.entries.open)
        except Unreachable:
            return  # the list says then that nothing is known


@before_sent("mysql-password")
def must_have_password(need: Need) -> None:
    """Make the database user's password where there is none; raises as `must_be_here` does."""
    if need.entries:
        secret_consent.given(need.entries.open)
        mysql.provide(need.host, need.entries, rehearse=need.mode == "check")


@supplies("secret-marks")
def marks(question: Question) -> bytes:
    """Return a mark of each entry, made with a key of the host's."""
    entries = question.need.entries
    return entries.marks(_key(question.said)) if entries else b""


@supplies("secrets", rehearsed=False)
def values(question: Question) -> bytes:
    """Return the entries themselves."""
    return question.need.entries.packed() if question.need.entries else b""


@supplies("mysql-password")
def mysql_password(question: Question) -> bytes:
    """Return the database user's password; empty where there is none yet."""
    need = question.need
    return mysql.password(need.host, need.entries) if need.entries else b""


def _key(said: dict[str, object]) -> bytes:
    try:
        return bytes.fromhex(said["key"])  # type: ignore[arg-type]  # it is the host's word
    except (KeyError, TypeError, ValueError):
        raise FlaskwrightError(
            "the host's key for the marks of secrets is none", why="It is not hexadecimal."
        ) from None
