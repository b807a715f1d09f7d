"""What can go wrong, by exit code.

FlaskwrightError
├── StepFailed   1   the host serves what it served; the next run converges
├── NeedsPerson  3   a person must look
├── Locked       4   another run holds the lock
├── Unreachable  5   could not begin: network, host key, login, sudo, no Python
├── LeftToHost   6   the outcome is not known here
└── UsageError  64   hosts.toml or arguments
"""

from collections.abc import Iterable
from typing import ClassVar


class FlaskwrightError(Exception):
    """A failure told in parts: what failed, why in a sentence, the log lines, what to do next."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self, what: str, *, why: str = "", log: Iterable[str] = (), next: str = ""
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.log = tuple(log)
        self.next = next


class StepFailed(FlaskwrightError):
    """Something on the host could not be made what the plan says."""


class NeedsPerson(FlaskwrightError):
    """The host is in a state that only a person should decide about."""

    exit_code = 3


class Locked(FlaskwrightError):
    """Another run is at work on this host."""

    exit_code = 4


class Unreachable(FlaskwrightError):
    """The work could not begin: network, host key, login, sudo or no Python on the host."""

    exit_code = 5


class LeftToHost(FlaskwrightError):
    """The link went away in the middle; the host knows the outcome, we do not."""

    exit_code = 6


class UsageError(FlaskwrightError):
    """hosts.toml or the arguments are not usable."""

    exit_code = 64
