"""What a host needs of others, and does not get: its git server, the package index."""

from __future__ import annotations

import secrets
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.hosts.conftest import Live, bridge
from tests.hosts.project import Said

from .apps import committed, deployed
from .faults import Fault
from .trial import Trial

PASSED_ON = 3000  # bytes: more than what the server says of its branches, less than a commit
DEAD = "[global]\\nindex-url = https://127.0.0.1:1/simple\\nretries = 1\\n"
NO_INDEX = f"""
sudo touch /etc/pip.conf
sudo mv /etc/pip.conf /root/pip.conf
printf '{DEAD}' | sudo tee /etc/pip.conf
"""
INDEX = "sudo mv /root/pip.conf /etc/pip.conf"


@contextmanager
def git_server(live: Live) -> Iterator[int]:
    """Serve the app's repository on the bridge; gives the port."""
    with socket.create_server((bridge(), 0)) as free:
        port: int = free.getsockname()[1]
    place = ["--reuseaddr", f"--listen={bridge()}", f"--port={port}"]
    share = ["--export-all", f"--base-path={live.project.directory}"]
    with subprocess.Popen(["git", "daemon", *place, *share], stdin=subprocess.DEVNULL) as daemon:
        try:
            until = time.monotonic() + 10
            while subprocess.run(["git", "ls-remote", url(port)], capture_output=True).returncode:
                assert time.monotonic() < until, f"{url(port)} does not answer"
                time.sleep(0.1)
            yield port
        finally:
            daemon.terminate()


def url(port: int) -> str:
    """Return the repository's URL."""
    return f"git://{bridge()}:{port}/app/.git"


def git_server_gone(trial: Trial, phase: str) -> Said:
    """The server answers a dry run, and is stopped before the deploy."""
    live = trial.live
    with git_server(live) as port:
        live.project.declare(repo=url(port))
        said = live.project.on_host("deploy", "--dry-run")
    assert said.code == 2, str(said)
    with committed(live.project, {"VERSION": f"{trial.note}\nmore"}, repo=url(port)):
        return deployed(trial, f"{url(port)} cannot be reached from the host", "network and DNS")


def git_server_breaks_off(trial: Trial, phase: str) -> Said:
    """The server ends each connection in the middle of a commit."""
    with git_server(trial.live) as port, breaking_off(port) as broken:
        files = {"static/noise.txt": secrets.token_hex(50_000)}
        with committed(trial.live.project, files, repo=url(broken)):
            return deployed(trial, url(broken))


@contextmanager
def breaking_off(port: int) -> Iterator[int]:
    """Pass on what is sent to another port, and the first bytes of what it answers."""
    with socket.create_server((bridge(), 0)) as server:
        thread = threading.Thread(target=_accept, args=(server, port), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _accept(server: socket.socket, port: int) -> None:
    with suppress(OSError):
        while True:
            link, _ = server.accept()
            threading.Thread(target=_pass_on, args=(link, port), daemon=True).start()


def _pass_on(link: socket.socket, port: int) -> None:
    with link, socket.create_connection((bridge(), port)) as behind:
        threading.Thread(target=_ask, args=(link, behind), daemon=True).start()
        left = PASSED_ON
        while left and (data := behind.recv(left)):
            link.sendall(data)
            left -= len(data)
        for each in (link, behind):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _ask(link: socket.socket, behind: socket.socket) -> None:
    with suppress(OSError):
        while data := link.recv(1 << 16):
            behind.sendall(data)
        behind.shutdown(socket.SHUT_WR)


def index_gone(trial: Trial, phase: str) -> Said:
    """The package index is not there."""
    trial.live.shell(NO_INDEX)
    try:
        with committed(trial.live.project, {"requirements.txt": f"flask\n# {trial.note}\n"}):
            return deployed(trial, "pip cannot reach the package index from the host")
    finally:
        trial.live.shell(INDEX)


OUTSIDE: dict[str, tuple[Fault, tuple[int, ...], tuple[str, ...]]] = {
    "git server gone": (git_server_gone, (1,), ("fetch",)),
    "git server breaks off": (git_server_breaks_off, (1,), ("fetch",)),
    "PyPI gone": (index_gone, (1,), ("requirements",)),
}
