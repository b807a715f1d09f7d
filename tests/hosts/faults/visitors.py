"""Runs on a host in the background: asks the site until SIGTERM, and leaves what it saw; JSON.

`visitors.py FILE AUDIT`: `clients` has for each of them [began, ended, status, release] of each
request, in seconds since the epoch; a status of 0 means no answer. `decided` is when AUDIT, to
which each transaction adds a line at its end, was written last. FILE.pid has the process.
"""

import http.client
import json
import os
import signal
import sys
import threading
import time

CLIENTS = 3
PAUSE = 0.02  # seconds between two requests of a client
ended = threading.Event()


def ask():
    link = http.client.HTTPConnection("127.0.0.1", 80, timeout=30)
    try:
        link.request("GET", "/release")
        answer = link.getresponse()
        return answer.status, answer.read().decode() if answer.status == 200 else ""
    except (OSError, http.client.HTTPException):  # such as half an answer
        return 0, ""
    finally:
        link.close()


def visit(seen):
    while not ended.is_set():
        began = time.time()
        status, release = ask()
        seen.append([began, time.time(), status, release])
        ended.wait(PAUSE)


def leave(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
    os.rename(path + ".new", path)


path, audit = sys.argv[1:]
signal.signal(signal.SIGTERM, lambda *_: ended.set())
if os.fork():
    os._exit(0)
os.setsid()  # whatever becomes of the link
leave(path + ".pid", str(os.getpid()))
for stream in range(3):
    os.dup2(os.open(os.devnull, os.O_RDWR), stream)
clients = [[] for _ in range(CLIENTS)]
threads = [threading.Thread(target=visit, args=(seen,)) for seen in clients]
for thread in threads:
    thread.start()
ended.wait()
for thread in threads:
    thread.join()
leave(path, json.dumps({"clients": clients, "decided": os.stat(audit).st_mtime}))
