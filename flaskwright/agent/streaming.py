"""The output of programs on its way to the operator, line by line as it comes."""

from __future__ import annotations

import codecs
import contextlib
import os
import selectors
import signal
import subprocess

from .errors import Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

    from .run import Run

    Take = Callable[[str], None]  # whole lines, each with its end

PAUSE = 0.2  # seconds between two looks whether anybody still listens
GRACE = 5.0  # seconds between SIGTERM and SIGKILL


class Streams:
    """Pipes that are read at a time, until all have ended or the operator has gone."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.pipes = selectors.DefaultSelector()

    def add(self, pipe: IO[bytes] | None, take: Take) -> None:
        """Have the lines of a pipe given to `take`."""
        self.pipes.register(pipe, selectors.EVENT_READ, _Lines(take))  # type: ignore[arg-type]

    def flow(self, ended: Callable[[], bool]) -> None:
        """Read until the end of all pipes, or until they are silent and it has `ended`.

        Raises Gone when nobody listens any more.
        """
        with self.pipes:
            while self.pipes.get_map():
                ready = self.pipes.select(PAUSE)
                for key, _ in ready:
                    if not key.data.add(os.read(key.fd, 65536)):
                        self.pipes.unregister(key.fileobj)
                if self.run.wire.gone():
                    raise Gone("the operator has gone")
                if not ready and ended():
                    return


class _Lines:
    def __init__(self, take: Take) -> None:
        self.take = take
        self.rest = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, data: bytes) -> bool:
        """Pass whole lines on; at the end of the pipe what is left, and False."""
        text = self.rest + self.decoder.decode(data, final=not data)
        whole, end, self.rest = text.rpartition("\n") if data else (text, "", "")
        if whole or end:
            self.take(whole + end)
        return bool(data)


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, sign)
            process.wait(GRACE)
