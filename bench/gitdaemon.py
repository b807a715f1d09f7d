"""A git server on the bridge's own address, for the hosts on it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.programs import BenchError

PATIENCE = 10.0  # seconds until it listens


@contextmanager
def serving(repository: Path, address: str) -> Iterator[str]:
    """Serve a repository at an address of this machine, and nowhere else; gives its URL."""
    with socket.create_server((address, 0)) as free:
        port = free.getsockname()[1]
    where = ("--reuseaddr", f"--listen={address}", f"--port={port}")
    base = f"--base-path={repository.parent}"
    daemon = subprocess.Popen(
        ["git", "daemon", *where, "--export-all", base, str(repository)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(daemon, address, port)
        yield f"git://{address}:{port}/{repository.name}/.git"
    finally:
        os.killpg(daemon.pid, signal.SIGTERM)  # git, and the daemon that it has started
        daemon.wait()


def _wait(daemon: subprocess.Popen[bytes], address: str, port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection((address, port), PATIENCE).close()
        except OSError as error:
            if daemon.poll() is not None or time.monotonic() > end:
                raise BenchError(f"git daemon does not listen at {address}: {error}") from None
            time.sleep(0.05)
