"""An app that stays: a process of it leaves its family, and answers on where it listened.

It tells systemd what that might believe: that it is the main process, that its end takes longer.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time

from flask import Flask

app = Flask(__name__)
VERSION = "first"
# Versions that gave the app a place to lie to took it at its word: STOPPING ends the deploy.
GIVEN = os.environ.get("FLASKWRIGHT_NOTIFY", "")
PLACE = GIVEN or "/run/systemd/notify"
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n"
    "Connection: close\r\n\r\n"
)
LIES = "MAINPID\nEXTEND_TIMEOUT_USEC=600000000\n", "STOPPING=1\n"
NOTE = socket.SOCK_DGRAM


@app.get("/health")
@app.get("/")
def index() -> str:
    """Say which version this is."""
    return VERSION


def _listener() -> socket.socket:
    """Find what gunicorn listens on among the descriptors that were inherited."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            found = socket.socket(fileno=os.dup(int(name)))
            if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return found
    raise SystemExit("no listener")


def _lie() -> None:
    """Tell systemd again and again."""
    while True:
        for lie in LIES[:1] if GIVEN else LIES:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, NOTE) as told:
                told.connect(PLACE)
                told.send(lie.replace("PID", f"PID={os.getpid()}").encode())
        time.sleep(0.5)


def _answer(listener: socket.socket) -> None:
    while True:
        select.select([listener], [], [])
        with contextlib.suppress(OSError), listener.accept()[0] as link:
            link.setblocking(True)
            link.recv(65536)
            link.sendall((HEAD % len(VERSION) + VERSION).encode())


if os.fork() == 0:
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    os.setsid()
    if os.fork():
        os._exit(0)
    if "FLASKWRIGHT_CANARY" not in os.environ:
        threading.Thread(target=_lie, daemon=True).start()
    _answer(_listener())
