"""The app's repository on a host: commits, and the key to fetch them."""

from typing import ClassVar

from .base import OfApp, PartOfApp, resource


@resource
class Repository(PartOfApp):
    """The app's bare repository on the host, with the commit that is wanted.

    Without `url` the commit is one of the operator's, and its objects are asked of them.
    """

    kind: ClassVar[str] = "repository"
    needs: ClassVar[tuple[str, ...]] = ("commit", "token", "host-keys")
    is_early: ClassVar[bool] = True
    url: str | None
    ref: str
    commit: str | None


@resource
class DeployKey(OfApp):
    """A key of the host's own for the app's repository, made if need be; its public half."""

    kind: ClassVar[str] = "deploy-key"
