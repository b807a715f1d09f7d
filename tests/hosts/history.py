"""What visitors saw of a deploy, held against its promise: old, both, new; and never neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHOWN = 5  # lines of a kind that are told


@dataclass(frozen=True)
class Visit:
    """A request: when it began and ended, its status, and the release that answered.

    Moments are seconds of the host's clock; a status of 0 means no answer at all.
    """

    began: float
    ended: float
    status: int
    release: str

    @property
    def failed(self) -> bool:
        """Whether the visitor did not get what was asked for."""
        return self.status != 200 or not self.release


@dataclass(frozen=True)
class Outcome:
    """How a deploy ended: the release that served before it, and the one that serves now.

    decided: the moment of its commit, or of the end of its undo; None where nobody has noted it.
    """

    before: str
    serves: str
    decided: float | None = None


@dataclass(frozen=True)
class History:
    """The visits of each client, in order."""

    clients: tuple[tuple[Visit, ...], ...]

    @classmethod
    def of(cls, told: Iterable[Iterable[tuple[float, float, int, str]]]) -> History:
        """Give the history that visitors.py has left."""
        return cls(tuple(tuple(Visit(*visit) for visit in client) for client in told))

    @property
    def visits(self) -> list[Visit]:
        """All of them, in the order in which they were answered."""
        return sorted((one for each in self.clients for one in each), key=lambda one: one.ended)

    @property
    def longest(self) -> float:
        """The longest time that a client was without an answer, in seconds."""
        return max((wait for client in self.clients for wait in _waits(client)), default=0.0)


def _waits(client: Iterable[Visit]) -> Iterator[float]:
    since = None
    for visit in client:
        since = visit.began if since is None else since
        yield visit.ended - since
        if not visit.failed:
            since = None


def violations(history: History, outcome: Outcome, dies: bool = False) -> list[str]:
    """Say what was not as it has to be; empty where all was.

    dies: the app ends its own process, and with it what it is just answering.
    """
    told: list[str] = []
    if not dies:
        told += _some("was not answered", [one for one in history.visits if one.failed])
    answered = [one for one in history.visits if not one.failed]
    told += _some("is of neither release", _strangers(answered, outcome))
    told += _some(
        f"began before the deploy, and is not of {outcome.before}", _early(answered, outcome)
    )
    if outcome.decided is not None:
        late = [one for one in answered if one.began > outcome.decided]
        wrong = [one for one in late if one.release != outcome.serves]
        told += _some(f"began after the end, and is not of {outcome.serves}", wrong)
    if answered and answered[-1].release != outcome.serves:
        told.append(f"the last answer is not of {outcome.serves}: {answered[-1]}")
    return told


def _strangers(answered: list[Visit], outcome: Outcome) -> list[Visit]:
    """Give the visits of a third release: beside the one from before there is one new one."""
    others = [one for one in answered if one.release != outcome.before]
    new = (
        outcome.serves
        if outcome.serves != outcome.before
        else "".join(one.release for one in others[:1])
    )
    return [one for one in others if one.release != new]


def _early(answered: list[Visit], outcome: Outcome) -> list[Visit]:
    """Give the first visit, where it is of the new release: visitors came before the deploy."""
    return [one for one in answered[:1] if one.release != outcome.before]


def _some(what: str, visits: list[Visit]) -> list[str]:
    told = [f"{what}: {one}" for one in visits[:SHOWN]]
    return told + [f"{what}: {len(visits) - SHOWN} more"] * (len(visits) > SHOWN)
