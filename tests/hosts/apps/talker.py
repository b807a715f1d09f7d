"""What an app can say in all the places where somebody listens: added to the sample app."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

MARKS = "\u2028\u2029\x85\x0b\x1c\u202e\u2066\u200b\ufeff"
ODD = f"odd{MARKS}\x1b[31mred\x1b]0;title\x07\r\x7f"
NOT_UTF8 = b"\xff\xfe\xc3("
SHARED = Path(os.environ["DATABASE"]).parent


def tell_systemd() -> None:
    """Send a status in which other properties stand, if there is a way."""
    status = f"STATUS=fine{MARKS}ActiveState=failed\u2028MainPID=1\u2028LoadState=masked{ODD}"
    places = os.environ.get("FLASKWRIGHT_NOTIFY", "").replace("@", "\0", 1), "/run/systemd/notify"
    for place in filter(None, places):
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
        ):
            notify.sendto(status.encode(), place)


def tell_journal() -> None:
    """Print odd lines, and send the journal entries as it has them seldom."""
    print(f"printed {ODD}", "x" * 100_000, flush=True)
    os.write(2, b"written " + NOT_UTF8 + b" \0 \xe2\x80\xa8 as bytes\n")
    entries = (
        "MESSAGE=first of two\nMESSAGE=second of two\nSYSLOG_IDENTIFIER=systemd\n",
        f"MESSAGE=says it is systemd {MARKS}\nSYSLOG_IDENTIFIER=systemd\n_PID=1\nPRIORITY=x\n",
        "SYSLOG_IDENTIFIER=without a message\n",
        "MESSAGE=" + "y" * 100_000 + "\n",
    )
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        for entry in entries:
            journal.sendto(entry.encode(), "/run/systemd/journal/socket")


def run_oddly() -> None:
    """Leave a process with arguments, a name and a directory that are no text."""
    place = os.fsencode(SHARED) + b"/dir" + NOT_UTF8 + b"\n" + MARKS.encode()
    os.makedirs(place, exist_ok=True)
    script = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'x) S 1\\n\\xff'); time.sleep(9999)"
    odd = b"/srv/guestbook/releases/" + NOT_UTF8 + b"\n" + MARKS.encode() + b"/code"
    subprocess.Popen([sys.executable, "-c", script, NOT_UTF8, odd], cwd=place)
    ctypes.CDLL(None).prctl(15, b"y) Z 0\n\xff")


def keep_oddly() -> None:
    """Make databases whose names are lines, marks, and no text."""
    for name in (f"a\nb{ODD}.db".encode(), NOT_UTF8 + b".db", b"-rf .db"):
        with contextlib.closing(sqlite3.connect(os.fsencode(SHARED) + b"/" + name)) as database:
            database.execute("CREATE TABLE IF NOT EXISTS t (x)")


def tell_secrets() -> None:
    """Print a secret in each spelling; each between marks of its own."""
    import keyring
    from spelled import SPELLINGS

    value = keyring.get_password("TALK", "one")
    for number, written in enumerate(SPELLINGS.values()):
        print(f"<{number}|", end="")
        for part in written(value):
            print(part, end="", flush=True)
        print("|>")


def migrate() -> None:
    """Change what is in the oddest of them, so that a backup stays."""
    for path in SHARED.glob("a\n*.db"):
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.execute("INSERT INTO t VALUES (1)")


for tells in (
    (migrate,)
    if sys.argv[0] == "talker.py"
    else (tell_systemd, tell_journal, run_oddly, keep_oddly, tell_secrets)
):
    tells()
