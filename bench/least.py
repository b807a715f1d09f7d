"""Runs on the host as root: what no deploy of new code without a gap can do without, timed.

`least.py REPO-URL APP HEALTH` prints JSON, in seconds: fetch, boots (two of them), cut-over.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

url, app, health = sys.argv[1:]
PLACE = "/srv/by-hand"
SOCKET = PLACE + "/boot.sock"
CURRENT = f"/srv/{app}/current"
GUNICORN = ["gunicorn", "--workers=2", "--threads=4", "--no-control-socket"]
ENVIRONMENT = {"DATABASE": f"/srv/{app}/shared/by-hand.db", "PYTHONDONTWRITEBYTECODE": "1"}


class Local(http.client.HTTPConnection):
    """A connection to a socket of this host."""

    def connect(self):
        """Open it."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.host)


def answers(path):
    """Tell whether the app behind a socket is well."""
    connection = Local(path)
    try:
        connection.request("GET", health, headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def took(act):
    """Give the seconds that something takes."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


def fetch():
    """Get the new commit."""
    subprocess.check_call(["git", "-C", PLACE + "/repo.git", "fetch", "-q", url, "main:main"])


def boot():
    """Give the seconds from the start of gunicorn until it answers."""
    argv = [CURRENT + "/.venv/bin/python", "-m", *GUNICORN, "--bind=unix:" + SOCKET, "app:app"]
    began = time.monotonic()
    process = subprocess.Popen(
        argv,
        cwd=CURRENT + "/code",
        env=dict(os.environ, **ENVIRONMENT),
        stderr=subprocess.DEVNULL,
        user=app,
        group=app,
        extra_groups=[],
    )
    try:
        while not answers(SOCKET):
            if process.poll() is not None or time.monotonic() - began > 60:
                sys.exit("the app does not boot by hand")
            time.sleep(0.01)
        return time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def cut_over():
    """Start the free slot on the socket, and stop the one that serves."""
    active = ["systemctl", "is-active", "-q", "by-hand@1"]
    old, new = (1, 2) if subprocess.call(active) == 0 else (2, 1)
    return took(
        lambda: [
            subprocess.check_call(["systemctl", verb, f"by-hand@{slot}"])
            for verb, slot in (("start", new), ("stop", old))
        ]
    )


print(json.dumps({"fetch": took(fetch), "boots": boot() + boot(), "cut-over": cut_over()}))
