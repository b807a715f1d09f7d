"""What a release runs from: interpreter and requirements."""

from typing import ClassVar

from .base import PartOfApp, resource


@resource
class Venv(PartOfApp):
    """A virtual environment under the hash of interpreter and requirements.

    `builder` is the user who makes it, of this app alone.
    """

    kind: ClassVar[str] = "venv"
    is_early: ClassVar[bool] = True
    builder: str
    python: str
    directory: str
    requirements: str | None


@resource
class Requirements(Venv):
    """What the app requires, and gunicorn, installed in that environment."""

    kind: ClassVar[str] = "requirements"
