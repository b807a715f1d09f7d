"""Runs on the host: visitors on CLIENTS connections, RATE requests a second, until stdin ends.

`visitors.py CLIENTS RATE PORT HOST` prints JSON: failures, the slowest in seconds, and each good
answer as [release, seconds since the epoch at which it was asked for]. Port 443 is asked over TLS,
with a handshake for each request; whose certificate it shows, somebody else looks at.
"""

import json
import socket
import ssl
import sys
import threading
import time

clients, rate, port, host = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
request = f"GET /release HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
ended = threading.Event()
answers, failures, took = [], [], []


def ask():
    """Send one request; gives the body of a good answer, else what was wrong."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        link = anybody.wrap_socket(plain, server_hostname=host) if port == 443 else plain
        link.sendall(request)
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
