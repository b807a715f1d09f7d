"""A command that somebody typed, run as the app's user; its output goes to them as it comes."""

from __future__ import annotations

from .command import started
from .handler import Act, Failed, handles
from .lending import lent
from .releases import Releases
from .streaming import Streams, ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .handler import State


@handles("app-command")
class AppCommand(Act):
    """A program started as the app's user, without any lock; it ends when nobody listens."""

    reads = True  # whatever it does, it is not for us to rehearse
    app_root: str
    app: str
    argv: tuple[str, ...]

    def act(self) -> State:
        """Give its exit status, as a shell tells it."""
        release = Releases(self.app_root).current()
        if not release:
            raise Failed("%s has no release to run it in" % self.app, next="./fab deploy makes one")
        with lent(self.run, self.app, self.app_root, release) as secrets:
            status = self._finished(secrets)
        return {"status": status if status >= 0 else 128 - status}

    def _finished(self, given: dict[str, str]) -> int:
        """Run it to its end."""
        process = started(self.argv, {"user": self.app, "env": given})
        streams = Streams(self.run)
        for name, pipe in (("out", process.stdout), ("err", process.stderr)):
            streams.add(pipe, self._sender(name))
        try:
            streams.flow(lambda: process.poll() is not None)
            return process.wait()
        except BaseException:
            ended(process)
            raise

    def _sender(self, name: str) -> Callable[[str], None]:
        return lambda text: self.run.event("output", stream=name, text=text)
