"""What a run is about, and what became known of it: told at its end, by these names."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Subject:
    """What is not set was not looked for; what is empty was, and there is none so far.

    told: what another run, or the agent on the host, has told of it; other names are left out.
    """

    commit: str | None = None
    subject: str = ""
    """The first line of the commit's message."""
    venv: str | None = None
    """The hash of the environment."""
    credential: str | None = None
    """The name of the secrets that the operator's side has, as they are kept on the host."""
    release: str | None = None
    """The release that is made or found; not set: the one that is live."""
    migrated: str = ""
    """The release to whose schema this run has brought the databases."""
    both_passwords: bool = False
    """Whether the database server takes the password from before, too, for now."""
    boot: float | None = None
    """The seconds that the app took to start."""
    undo: str = ""
    """The task that leads back to what was served before."""
    drain: dict[str, float] | None = None
    """What ended after the switch: `seconds` of waiting, `requests` met, how many were `cut`."""
    drained: str = ""
    """The same as a sentence, where it took long or cut one."""
    serves: str | None = None
    """The release that is live after a failure; empty: none is."""
    person: str = ""
    """What somebody has to look at on the host."""
    ahead: str = ""
    """What stays of a migration whose release was undone."""
    interrupted: dict[str, str] | None = None
    """`after` which resource an earlier run lost its operator, and `since` when."""
    transactions: list[dict[str, str]] | None = None
    """A line of the audit for each."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        self.hear(told or {})

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take over what another one was told of."""
        vars(self).update((name, told[name]) for name in Subject.__annotations__ if name in told)

    def told(self) -> dict[str, Any]:
        """Give what is set, by name."""
        there = vars(self).items()
        return {name: value for name, value in there if value != getattr(type(self), name)}
