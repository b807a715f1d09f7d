"""Runs on the host: visitors on CLIENTS connections, RATE requests a second, until stdin ends.

`visitors.py CLIENTS RATE PORT` prints JSON: failures, the slowest in seconds, and each good answer
as [release, seconds since the epoch at which it was asked for].
"""

import json
import socket
import sys
import threading
import time

REQUEST = b"GET /release HTTP/1.0\r\nHost: bench.test\r\nConnection: close\r\n\r\n"
clients, rate, port = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
ended = threading.Event()
answers, failures, took = [], [], []


def ask():
    """Send one request; gives the body of a good answer, else what was wrong."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(REQUEST)
        answer = b"".join(iter(lambda: link.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    return (body.decode(), "") if status == [b"200"] else ("", repr(head[:40]))


def visit():
    """Ask again and again, at this visitor's share of the rate."""
    due = time.monotonic()
    while not ended.is_set():
        began = time.time()
        try:
            release, wrong = ask()
        except OSError as error:
            release, wrong = "", repr(error)
        took.append(time.time() - began)
        if wrong:
            failures.append(wrong)
        else:
            answers.append([release, round(began, 4)])
        due = max(due + clients / rate, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))


visitors = [threading.Thread(target=visit) for _ in range(clients)]
for visitor in visitors:
    visitor.start()
sys.stdin.read()
ended.set()
for visitor in visitors:
    visitor.join()
print(json.dumps({"failures": failures, "slowest": max(took), "answers": answers}))
