"""The configuration of nginx as a whole: in force, tested, or read again."""

from __future__ import annotations

from ...engine.errors import Failed, NotYet
from ...engine.handler import Act, Handler, handles
from . import server as nginx
from .candidate import HOME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State
    from ...engine.run import Run


@handles("nginx")
class Nginx(Handler):
    """The configuration below /etc/nginx is in force."""

    keys = ("live",)
    live: bool

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self._warnings: list[str] = []

    def actual(self) -> State:
        """Compare the workers' age with the configuration's.

        A dry run cannot where some of it would be written: the workers may have those very bytes,
        as when the plan only changes a mode, or takes back what somebody has changed and never
        put in force.
        """
        if not nginx.installed():
            raise _not_there(self.run, "the package nginx")
        if not nginx.workers():
            raise _not_there(self.run, "the unit nginx runs")
        if not self.run.checking:
            nginx.keep_in_mind()
        elif self._to_be_written():
            raise NotYet("its files are written, unless nginx has the same in force")
        return {"live": nginx.is_live()}

    def fix(self, differing: list[str]) -> None:
        """Test the configuration and reload; an undo has to know of it."""
        self.run.remember(nginx=True)
        self._warnings = nginx.reload(self.run)

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say that nginx would be reloaded."""
        return ["reload nginx"]

    def note(self) -> str:
        """Pass nginx's warnings on: they may be about other sites."""
        return "; ".join(self._warnings)

    def _to_be_written(self) -> bool:
        changes = " ".join(filter(self.run.changed, self.run.states))
        return HOME + "/" in changes or self.run.changed("certificate")


def _not_there(run: Run, needs: str) -> Exception:
    if run.checking:
        return NotYet(needs)
    return Failed("nginx has no configuration in force", "it needs %s first" % needs)


@handles("nginx-test")
class NginxTest(Act):
    """nginx's opinion of the configuration on the disk."""

    reads = True

    def act(self) -> State:
        """Say that it is fine; raises Failed for an error or a warning."""
        _must_be_installed()
        warnings = nginx.syntax(self.run)
        if warnings:
            raise Failed("nginx warns of its configuration", "`nginx -t` has remarks", warnings)
        return {"accepted": True}


@handles("nginx-reload")
class NginxReload(Act):
    """The configuration on the disk put in force, whether or not it is."""

    def act(self) -> State:
        """Reload, and make sure that new workers came."""
        _must_be_installed()
        if not nginx.workers():
            raise Failed("nginx does not run", next="./fab nginx.start")
        warnings = nginx.reload(self.run)
        return {"workers": sorted(nginx.workers()), "warnings": warnings}


def _must_be_installed() -> None:
    if not nginx.installed():
        raise Failed("nginx is not on this host", next="./fab nginx.install")
