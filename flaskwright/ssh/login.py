"""Logging in: which keys are offered, in which order, and what to say when none is taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from paramiko import Agent, PKey, Transport
from paramiko.pkey import UnknownKeyType
from paramiko.ssh_exception import BadAuthenticationType, SSHException

from ..errors import Unreachable
from .settings import Settings

PASSWORD_WAYS = {"password", "keyboard-interactive"}


class Login:
    """Authenticates a transport; SSHClient takes it as `auth_strategy`.

    Files that somebody named come first, then ssh-agent, then ssh's usual files. Where the
    settings are exclusive, ssh-agent is asked only when a named file cannot be opened.
    """

    def __init__(self, settings: Settings, password: str | None, passphrase: str | None) -> None:
        self._settings = settings
        self._password = password
        self._passphrase = passphrase
        self._tried: list[str] = []
        self._locked: list[Path] = []
        self._taken = ""

    def authenticate(self, transport: Transport) -> None:
        """Log in, or raise Unreachable saying what was tried."""
        for name, key in self._keys():
            if not transport.is_active():
                break
            self._tried.append(f"{name}  {key.fingerprint}")
            if self._offer(transport, key):
                self._taken = name
                break
        if not transport.is_authenticated() and not self._give_password(transport):
            raise self._refused(transport)

    def _offer(self, transport: Transport, key: PKey) -> bool:
        """Offer a key; true when the server takes it, even if it wants a second proof as well."""
        try:
            transport.auth_publickey(self._settings.user, key)
        except SSHException:
            return False
        return True

    def _give_password(self, transport: Transport) -> bool:
        if self._password is None or not transport.is_active():
            return False
        try:
            transport.auth_password(self._settings.user, self._password)
        except SSHException:
            self._tried.append("the login password")
        return bool(transport.is_authenticated())

    def _keys(self) -> Iterator[tuple[str, PKey]]:
        """The keys to offer, each with the name a person knows it by."""
        if not self._settings.usual:
            yield from self._from_files()
        if self._locked or not self._settings.exclusive:
            for key in Agent().get_keys():
                yield f"ssh-agent {key.comment}".strip(), key
        if self._settings.usual:
            yield from self._from_files()

    def _from_files(self) -> Iterator[tuple[str, PKey]]:
        for path in self._settings.identities:
            try:
                yield str(path), self._open(path)
            except FileNotFoundError:
                if not self._settings.usual:
                    self._tried.append(f"{path}  there is no such file")
            except TypeError:
                self._locked.append(path)
                self._tried.append(f"{path}  is locked with a passphrase")
            except (OSError, ValueError, SSHException, UnknownKeyType) as error:
                self._tried.append(f"{path}  cannot be used: {error}")

    def _open(self, path: Path) -> PKey:
        """Read a private key; cryptography's TypeError says that a passphrase is missing."""
        try:
            return PKey.from_path(path)
        except TypeError:
            if not self._passphrase:
                raise
            return PKey.from_path(path, self._passphrase.encode())

    def _refused(self, transport: Transport) -> Unreachable:
        settings = self._settings
        ways = _ways(transport, settings.user)
        what, why = self._reason(ways)
        return Unreachable(
            f"{settings.user}@{settings.address} {what}",
            why=why,
            log=self._tried,
            next=self._advice(ways),
        )

    def _reason(self, ways: set[str]) -> tuple[str, str]:
        """Return what happened, as the end of a sentence, and why."""
        if self._taken:
            return "wants more than a key", f"It took {self._taken} and asks for a password too."
        if "the login password" in self._tried:
            return "refused the password", "It is not this user's, or passwords are not allowed."
        if self._locked:
            return "could not be logged in to", "A key is locked and ssh-agent does not hold it."
        if ways & PASSWORD_WAYS and not self._tried:
            return "wants a password", "There is no key here that could be offered."
        return "refused the login", "None of the keys that were offered may log in as this user."

    def _advice(self, ways: set[str]) -> str:
        if self._locked and not self._taken:
            return f"ssh-add {self._locked[0]}, or --prompt-for-passphrase"
        if self._taken:
            return "--prompt-for-login-password"
        port = f"-p {self._settings.port} " if self._settings.port != 22 else ""
        copy = f"ssh-copy-id {port}{self._settings.user}@{self._settings.address}"
        if not self._tried:
            copy = f"ssh-keygen -t ed25519, then {copy}"
        return f"{copy}, or --prompt-for-login-password" if ways & PASSWORD_WAYS else copy


def _ways(transport: Transport, user: str) -> set[str]:
    """Return the ways to log in that the server names; nothing when it has hung up."""
    try:
        transport.auth_none(user)
    except BadAuthenticationType as error:
        return set(error.allowed_types)
    except SSHException:
        pass
    return set()
