"""Where visitors find the app of a host: one value, which the plan carries once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Site:
    """A site: the one name that it has, the further ones, and how visitors come to it.

    host: as it stands in its URL and in a Host header; the app is asked by it on its host.
    scheme: http or https. domain: its name in the DNS, empty for a site that has none, and answers
    to every address of its host. names: all that nginx answers to, the domain first; without one
    they are patterns as nginx has them.
    """

    def __init__(
        self, host: str = "", scheme: str = "http", domain: str = "", names: Sequence[str] = ()
    ) -> None:
        self.host = host
        self.scheme = scheme
        self.domain = domain
        self.names = tuple(names)

    @property
    def https(self) -> bool:
        """Whether visitors come over HTTPS."""
        return self.scheme == "https"

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names that lead to the domain."""
        return self.names[1:] if self.domain else ()

    @property
    def url(self) -> str:
        """The address that every other one leads to, without a slash at its end."""
        return "%s://%s" % (self.scheme, self.host)

    def fields(self) -> dict[str, Any]:
        """Give it as it travels: `Site(**fields)` is the same."""
        return dict(vars(self), names=list(self.names))
