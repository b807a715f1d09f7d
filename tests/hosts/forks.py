"""`./fab` without its start: a process that has imported all of it forks for each command.

A third of what a host test takes would go into starting Python and importing Fabric. What `./fab`
itself does has tests of its own, as have first deploys, terminals and signals, which start it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from socketserver import ForkingMixIn, StreamRequestHandler, UnixStreamServer
from typing import IO, Any

ROOT = Path(__file__).parents[2]
BOOT = 30  # seconds


def run(
    argv: list[str], cwd: Path, env: Mapping[str, str], given: str | None, timeout: int
) -> tuple[int, str, str]:
    """Run `./fab` with arguments; returns its exit code and what it printed.

    The code of a process that was killed is minus the signal's number; SIGALRM after `timeout` s.
    """
    with (
        tempfile.TemporaryFile("w+") as stdin,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
        socket.socket(socket.AF_UNIX) as connection,
    ):
        stdin.write(given or "")
        stdin.seek(0)
        connection.connect(_server())
        job = {"argv": argv, "cwd": str(cwd), "env": dict(env), "timeout": timeout}
        streams = [each.fileno() for each in (stdin, out, err)]
        socket.send_fds(connection, [json.dumps(job).encode() + b"\n"], streams)
        return int(connection.makefile().readline()), _text(out), _text(err)


def _text(stream: IO[str]) -> str:
    stream.seek(0)
    return stream.read()


@cache
def _server() -> str:
    """Start the process, which ends with this one; gives its address, which is no file."""
    address = f"\0flaskwright-fab-{os.getpid()}"
    argv = [sys.executable, "-m", __name__, str(os.getpid())]
    subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.DEVNULL)
    ends = time.monotonic() + BOOT
    while not _is_there(address):
        assert time.monotonic() < ends, "it does not start"
        time.sleep(0.05)
    return address


def _is_there(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(address) == 0


class Server(ForkingMixIn, UnixStreamServer):
    """Forks for each connection, as long as the process that has started it lives."""

    max_children = 100
    parent = 0

    def service_actions(self) -> None:
        """End when nobody is left to ask."""
        super().service_actions()
        if os.getppid() != self.parent:
            sys.exit()


class Command(StreamRequestHandler):
    """One command, in a process of its own, with the streams that came along."""

    def handle(self) -> None:
        """Become `fab`; the answer is its exit code."""
        data, streams, _, _ = socket.recv_fds(self.connection, 1 << 20, 3)
        while data and not data.endswith(b"\n"):
            data += self.connection.recv(1 << 20)
        if not data:  # somebody looked whether we are there
            return
        process = os.fork()
        if not process:
            os._exit(_become(json.loads(data), streams))
        code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        self.connection.sendall(b"%d\n" % code)


def _become(job: dict[str, Any], streams: list[int]) -> int:
    """Do what `./fab` starts in the end, in this process.

    PATH is as it is: only `test`, `check` and `docs` look for programs in .venv.
    """
    from flaskwright.report import hints
    from flaskwright.run import program

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    signal.alarm(job["timeout"])
    os.chdir(job["cwd"])
    os.environ.clear()
    own = {"INVOKE_RUNTIME_CONFIG": str(ROOT / "fabric.yaml"), hints.TYPED: "./fab"}
    os.environ.update({**own, **job["env"]})
    sys.path += filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = ["fab", "--write-pyc", "--search-root", str(ROOT), *job["argv"]]
    try:
        program.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def main(parent: str) -> None:
    """Import what every command needs, and wait for the first."""
    import fabfile  # noqa: F401
    import flaskwright.run.program  # noqa: F401

    with Server(f"\0flaskwright-fab-{parent}", Command) as server:
        server.parent = int(parent)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
