"""A command that somebody typed, run as the app's user; its output goes to them as it comes."""

from __future__ import annotations

import os

from ..app.releases import Releases
from ..engine.byte_streams import ByteStreams
from ..engine.command import started
from ..engine.errors import Failed
from ..engine.handler import Act, handles
from ..engine.streaming import Streams
from ..engine.watch import ended
from ..secrets.store import Credentials
from .command_unit import command_unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from ..engine.handler import State
    from ..system.transient_unit import TransientUnit


@handles("app-command")
class AppCommand(Act):
    """A program started as the app's user, without any lock; it ends when nobody listens."""

    reads = True  # whatever it does, it is not for us to rehearse
    argv: tuple[str, ...]
    piped: bool = False

    def act(self) -> State:
        """Run the command as the app; gives its exit status, as a shell tells it."""
        release = _live(self)
        Credentials(self.run).withhold(release)
        what = "run-%d" % os.getpid()
        status = self._finished(command_unit(self.run, release, what))
        return {"status": status if status >= 0 else 128 - status}

    def _finished(self, unit: TransientUnit) -> int:
        """Run it to its end."""
        process = started(unit.argv(self.argv), {"input": b""} if self.piped else {})
        try:
            if self.piped:
                ByteStreams(self.run, process).flow()
            else:
                self._lines(process)
            return unit.status(process.wait())
        except BaseException:
            ended(process)
            raise
        finally:
            unit.end()

    def _lines(self, process: subprocess.Popen[bytes]) -> None:
        streams = Streams(self.run)
        for name, pipe in (("out", process.stdout), ("err", process.stderr)):
            streams.add(pipe, self._sender(name))
        streams.flow(lambda: process.poll() is not None)

    def _sender(self, name: str) -> Callable[[str], None]:
        return lambda text: self.run.event("output", stream=name, text=text)


@handles("app-shell")
class AppShell(Act):
    """The same command for a person's terminal: not run, but told how."""

    reads = True
    argv: tuple[str, ...]

    def act(self) -> State:
        """Give the words that root runs the app's command with on a terminal."""
        what = "shell-%d" % os.getpid()
        unit = command_unit(self.run, _live(self), what)
        return {"argv": unit.argv(self.argv, how=("--pty", "--wait", "--collect"))}


def _live(of: AppCommand | AppShell) -> str:
    release = Releases(of.run.place).current()
    if not release:
        raise Failed(
            "%s has no release to run it in" % of.run.place.name, next="./fab deploy makes one"
        )
    return release
