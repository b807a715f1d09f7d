"""The key `health`: a path, or a path and the statuses that count."""

from __future__ import annotations

from .paths import URL_PATH
from .problems import Place
from .table import Table, key, table
from .values import ListOf, Whole


@table
class Health:
    """What an app is asked for, and what a healthy one answers."""

    path: str = key(URL_PATH, "The path that a healthy app answers.", default="/")
    status: tuple[int, ...] = key(
        ListOf(Whole(200, 599)),
        "The statuses that count as healthy; when not given, 200 to 399. Where a redirect within "
        "the site ends is what counts; one that leads off it counts by its own.",
        default=(),
    )


class HealthKind(Table[Health]):
    """The key `health`: a table, or a text, which is the path in it."""

    words = label = "a URL's path, or a table"

    def __init__(self) -> None:
        super().__init__(Health)

    def read(self, value: object, place: Place) -> Health:
        """Return the table; a text makes one with that path. Raises Wrong."""
        if isinstance(value, str):
            return Health(path=URL_PATH.read(value, place))
        return super().read(value, place)

    def spelled(self, value: Health) -> object:
        """Return the path alone where that says all."""
        return {"path": value.path, "status": list(value.status)} if value.status else value.path

    def schema(self) -> dict[str, object]:
        """Return the JSON Schema of a path, or of a table."""
        return {"anyOf": [URL_PATH.schema(), super().schema()]}


HEALTH = HealthKind()
