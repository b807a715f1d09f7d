"""The hosts.toml that is read: how it came to be, and whether it is trusted with this machine."""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from .trusted_keys import Act, digest

FILES = "files"  # what is remembered of each file, by its path


@dataclass(frozen=True)
class HostsFile:
    """A hosts.toml; `found` on the way, it is a stranger's until its person says otherwise.

    trouble: why it is not to be trusted at all, such as that somebody else may write it. acts: all
    that its keys have this machine run or read.
    """

    path: Path
    found: bool = False
    trouble: str = ""
    acts: tuple[Act, ...] = ()

    @property
    def place(self) -> str:
        """Its path, with the links of its directory resolved."""
        return str(self.path.parent.resolve() / self.path.name)

    @property
    def trusted(self) -> bool:
        """Whether its keys may run and read what they say; raises UsageError."""
        return not self.found or (not self.trouble and self._known() == digest(self.acts))

    def trust(self) -> None:
        """Remember that it is trusted with what it has this machine do now.

        Raises UsageError for a file that others can change.
        """
        from . import operator_state

        if self.trouble:
            raise self._refused(f"{self.path} is not trusted")
        with operator_state.changed() as said:
            said.setdefault(FILES, {})[self.place] = digest(self.acts)

    def refusal(self, key: str, does: str) -> UsageError | None:
        """Return the error for a key that would do something here; None where it may."""
        return None if self.trusted else self._refused(f"{self.path.name}: {key} would {does}")

    def must_be_trusted(self, key: str, does: str) -> None:
        """Return when the key may do that; raises UsageError."""
        refusal = self.refusal(key, does)
        if refusal:
            raise refusal

    def _known(self) -> str:
        from . import operator_state

        return operator_state.text(FILES, self.place)

    def _refused(self, what: str) -> UsageError:
        if self.trouble:
            return UsageError(
                what,
                why=f"{self.path} was found on the way, and {self.trouble}.",
                next=f"name it, if it is meant: FLASKWRIGHT_HOSTS={shlex.quote(self.place)}",
            )
        changed = "since you trusted it, what it would do here has changed"
        never = "nobody has said yet that it is to be trusted"
        return UsageError(
            what,
            why=f"{self.path} was found on the way, and {changed if self._known() else never}.",
            next="./fab config.trust, which shows all that it would do here, and asks",
        )


def trouble_with(status: os.stat_result) -> str:
    """Return why a file is not its reader's own, as git's safe.directory has it; "" when it is."""
    from .operator_state import owners

    if status.st_uid not in owners():
        return f"it belongs to another user, {_name(status.st_uid)}"
    if status.st_mode & stat.S_IWOTH:
        return f"everybody may write it (mode {stat.S_IMODE(status.st_mode):04o})"
    return ""


def _name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
