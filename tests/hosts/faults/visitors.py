"""Runs on a host in the background: asks the site until SIGTERM, and leaves what it saw; JSON.

`visitors.py FILE`: `asked` and `failed` requests, the `longest` time without an answer (seconds),
the releases that `served`, in order. FILE.pid has the process.
"""

import http.client
import json
import os
import signal
import sys
import threading
import time

PAUSE = 0.02  # seconds between two requests
told = {"asked": 0, "failed": 0, "longest": 0.0, "served": []}
ended = threading.Event()


def ask():
    link = http.client.HTTPConnection("127.0.0.1", 80, timeout=30)
    try:
        link.request("GET", "/release")
        answer = link.getresponse()
        return answer.read().decode() if answer.status == 200 else ""
    except (OSError, http.client.HTTPException):  # such as half an answer
        return ""
    finally:
        link.close()


def visit():
    begun = 0.0
    while not ended.is_set():
        begun = begun or time.monotonic()
        release = ask()
        told["asked"] += 1
        told["failed"] += not release
        told["longest"] = max(told["longest"], round(time.monotonic() - begun, 3))
        if release:
            begun = 0.0
            told["served"] += [release] if release not in told["served"][-1:] else []
        ended.wait(PAUSE)


def leave(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


path = sys.argv[1]
signal.signal(signal.SIGTERM, lambda *_: ended.set())
if os.fork():
    os._exit(0)
os.setsid()  # whatever becomes of the link
leave(path + ".pid", str(os.getpid()))
for stream in range(3):
    os.dup2(os.open(os.devnull, os.O_RDWR), stream)
visit()
leave(path, json.dumps(told))
