"""The app's secrets on a host."""

from typing import ClassVar

from .base import OfApp, PartOfApp, resource


@resource
class Credential(PartOfApp):
    """The operator's values of the app's keyring entries, for its service alone.

    `entries` are their names, each with the key of hosts.toml that names it. The values are asked
    of the operator, and are in no plan. on_host: `credential` or `file`; None: what systemd can.
    """

    kind: ClassVar[str] = "credential"
    needs: ClassVar[tuple[str, ...]] = ("secrets", "secret-marks")
    entries: dict[str, str]
    on_host: str | None = None


@resource
class SecretList(OfApp):
    """The app's keyring entries: named by what, here and in the live release by a mark."""

    kind: ClassVar[str] = "secret-list"
    needs: ClassVar[tuple[str, ...]] = ("secret-marks",)
    entries: dict[str, str]
