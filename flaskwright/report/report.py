"""What came of a plan on one host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeVar

from flaskwright.agent.common.subject import Subject

from ..errors import FlaskwrightError, StepFailed, UsageError
from ..plan.plan import Mode, Plan

State = Literal["ok", "changed", "failed", "would change", "would run", "done"]
Told = TypeVar("Told")
PENDING = ("would change", "would run")


@dataclass(frozen=True)
class Outcome:
    """The agent's result for one resource; `seconds` is wall time on the host.

    misused: it failed for what was typed.
    """

    id: str
    step: str
    state: State
    seconds: float = 0.0
    diff: tuple[str, ...] = ()
    note: str = ""
    what: str = ""
    why: str = ""
    log: tuple[str, ...] = ()
    next: str = ""
    answer: dict[str, Any] | None = None
    misused: bool = False
    kind: str = ""

    def as_error(self) -> FlaskwrightError:
        """Return the failure that it tells of."""
        what = self.what or f"{self.step} failed"
        kind = UsageError if self.misused else FlaskwrightError
        return kind(what, why=self.why, log=self.log, next=self.next)


@dataclass
class HostReport:
    """All outcomes of one run on one host, and what the agent has told of what it was about."""

    plan: Plan
    mode: Mode
    outcomes: list[Outcome] = field(default_factory=list)
    about: Subject = field(default_factory=Subject)
    seconds: float = 0.0
    interrupted: bool = False
    output: list[str] = field(default_factory=list)

    @property
    def failure(self) -> Outcome | None:
        """The outcome that ended the run, if one did."""
        return next((outcome for outcome in self.outcomes if outcome.state == "failed"), None)

    @property
    def unanswered(self) -> list[str]:
        """What was planned and has no result, though nothing failed: no agent ends so."""
        told = {outcome.id for outcome in self.outcomes}
        planned = [item.resource.id for item in self.plan.items]
        return [] if self.failure else [name for name in planned if name not in told]

    def told(self, field: str, kind: type[Told]) -> Told:
        """A field of an answer; raises StepFailed where the host has not given it, or another."""
        for outcome in self.outcomes:
            found = (outcome.answer or {}).get(field)
            if isinstance(found, kind):
                return found
        raise StepFailed(
            f"{self.plan.host.name} gives no {field}",
            why="Its answer is not one of our agent's.",
        )

    @property
    def changes(self) -> list[Outcome]:
        """What was changed, or would be."""
        return [o for o in self.outcomes if o.state == "changed" or o.state in PENDING]

    @property
    def is_pending(self) -> bool:
        """Whether a dry run has found something to change."""
        return any(outcome.state in PENDING for outcome in self.outcomes)

    @property
    def verb(self) -> str:
        """`would change` after a dry run, else `changed`."""
        return "would change" if self.is_pending else "changed"

    @property
    def exit_code(self) -> int:
        """0 done or nothing to do, 1 failed, 2 a dry run found changes, 3 a person must look.

        64 for what was typed, where only the host could tell.
        """
        if self.about.person:
            return 3
        if self.failure:
            return self.failure.as_error().exit_code
        return 2 if self.is_pending else 0

    @property
    def serves(self) -> bool:
        """Whether this run, or the transaction that it has followed, made a release live."""
        follows = any(outcome.kind == "attach" for outcome in self.outcomes)
        is_real = self.mode == "apply" or follows
        return is_real and not self.failure and self.is_about_a_release

    @property
    def is_about_a_release(self) -> bool:
        """Whether this run has looked which release is live."""
        return any(outcome.kind == "serving" for outcome in self.outcomes)

    def by_step(self) -> Iterator[tuple[str, list[Outcome]]]:
        """The outcomes of each step, in the plan's order; a step not reached has none."""
        for step in self.plan.steps:
            yield step, [outcome for outcome in self.outcomes if outcome.step == step]

    def json(self) -> dict[str, Any]:
        """The report as `--json` prints it for this host."""
        return {
            "mode": self.mode,
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 3),
            "facts": self.about.told(),
            **({"url": self.plan.host.url} if self.plan.host.app else {}),
            "outcomes": [_without_empty(asdict(outcome)) for outcome in self.outcomes],
            **({"lines": _lines("".join(self.output))} if self.output else {}),
        }


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def step_state(outcomes: list[Outcome]) -> str:
    """Sum the states of a step's resources up in the worst one; no outcome: `not reached`."""
    order: tuple[State, ...] = ("failed", "would run", "would change", "changed", "done", "ok")
    states = {outcome.state for outcome in outcomes}
    return next((state for state in order if state in states), "not reached")


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    empty = ("", (), None)
    return {
        key: value for key, value in fields.items() if value not in empty and value is not False
    }
