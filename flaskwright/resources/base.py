"""What every resource has: a kind, an id, and the form in which it travels."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, TypeVar, dataclass_transform

Kind = TypeVar("Kind")


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def resource(kind: type[Kind]) -> type[Kind]:
    """Make a class with fields a kind of resource; it compares and looks as `Resource` says.

    What dataclasses would write for that, for each kind, is half of their cost, at each start.
    """
    return dataclass(eq=False, repr=False)(kind)


@resource
class Resource:
    """A state that the host should be in; the agent's handler of the same kind compares and fixes.

    Fields are the state's keys; None leaves a key alone. Instances are values: nobody changes one,
    they are equal when all fields are, and the same resource when their ids are.
    """

    kind: ClassVar[str]
    of_app: ClassVar[bool] = False  # whether it is about the app of the plan, which has to have one
    needs: ClassVar[tuple[str, ...]] = ()  # what its handler may ask the operator's side for
    is_early: ClassVar[bool] = False  # may be dealt with beside what comes before it
    # below 0: before all others, since it only looks; above: after them, since it is about them
    rank: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({vars(self)})"

    @property
    def name(self) -> str:
        """What tells this resource from others of its kind: a path, a unit, a user.

        Empty where a plan has one of the kind: the host's, or that of the plan's app.
        """
        return ""

    @property
    def id(self) -> str:
        """The resource's name in plans, reports and errors, such as `file:/etc/motd`; `serving`."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    def payload(self) -> dict[str, Any]:
        """The resource as the agent reads it."""
        return {"kind": self.kind, "id": self.id, **asdict(self)}


@resource
class AtPath(Resource):
    """A resource that is told by its path on the host."""

    path: str

    @property
    def name(self) -> str:
        """The path."""
        return self.path


@resource
class PartOfApp(Resource):
    """A state of the plan's app."""

    of_app: ClassVar[bool] = True


@resource
class Act(Resource):
    """Something the agent does each time; its answer is shown."""


@resource
class OfApp(Act):
    """An act on the plan's app."""

    of_app: ClassVar[bool] = True


@dataclass(frozen=True)
class Planned:
    """A resource and the step that yielded it, such as `nginx.install`."""

    step: str
    resource: Resource


Resources = Iterator[Resource | Planned]
"""What a step yields."""
