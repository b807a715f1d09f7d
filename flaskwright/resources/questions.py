"""What looks into several parts of a host and changes nothing."""

from typing import ClassVar

from .base import OfApp, resource


@resource
class AppStatus(OfApp):
    """Release, commit, workers and disk of one app; of a site over HTTPS its certificate's days."""

    kind: ClassVar[str] = "app-status"


@resource
class Logs(OfApp):
    """What app, systemd and nginx have said of a site, and with `follow` what they say next.

    `lines` at most, from `since` on (systemd.time(7)),
    of those that the regular expression `grep` matches. everything: what deploys say, too, and
    what is said at every start and stop.
    """

    kind: ClassVar[str] = "logs"
    lines: int
    since: str
    grep: str
    follow: bool
    everything: bool


@resource
class Verify(OfApp):
    """The host held against what was deployed, and the site looked at as its visitors do.

    directory: the app's, in the repository. trust: authorities in PEM that the host need not
    know. graded: what gave the site's TLS a grade, and what is wrong with that; empty: nothing.
    opened: the URL that was opened where the command was typed, what is wrong, what may not be.
    """

    kind: ClassVar[str] = "verify"
    directory: str
    health: str
    static: dict[str, str]
    outbound: bool
    trust: str = ""
    graded: tuple[str, str] | None = None
    opened: tuple[str, str, str] | None = None
    expected: tuple[int, ...] = ()
