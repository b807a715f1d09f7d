"""Programs that are measured: run to their end, timed, and ended with all their children."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEPT_LINES = 25


class BenchError(Exception):
    """Something was not as it has to be for a figure to mean anything."""


@dataclass(frozen=True)
class Done:
    """A program that has ended with status 0, and the seconds that it took."""

    seconds: float
    out: str


def run(*argv: str | Path, env: Mapping[str, str] | None = None, given: bytes = b"") -> Done:
    """Run a program at the top of the repository; raises BenchError when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE if given else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        out, said = (
            stream.decode(errors="replace") for stream in process.communicate(given or None)
        )
    finally:
        _end(process)
    seconds = time.perf_counter() - began
    if process.returncode:
        last = "\n".join((out + said).splitlines()[-KEPT_LINES:])
        raise BenchError(f"{Path(argv[0]).name} ended with status {process.returncode}:\n{last}")
    return Done(seconds, out)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program that we leave before its end, and what it has started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
