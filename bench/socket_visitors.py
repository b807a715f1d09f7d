"""Runs on the host: visitors who each keep a WebSocket open, until stdin ends.

`socket_visitors.py SOCKETS HOST`: each asks ten times a second for an echo, and connects anew
when it is cut. Prints JSON: echoes, how often one was cut, the longest time without an answer,
in seconds, and failures: an answer to another question, or none for 10 s.
"""

import json
import os
import socket
import sys
import threading
import time
from base64 import b64encode

sockets, host = int(sys.argv[1]), sys.argv[2]
ended = threading.Event()
found = {"echoes": 0, "cuts": 0, "longest": 0.0, "failures": []}
lock = threading.Lock()
PAUSE, AGAIN, LONGEST = 0.1, 0.05, 10.0  # seconds


def connected():
    """Open a WebSocket; raises OSError where it is refused."""
    link = socket.create_connection(("127.0.0.1", 80), timeout=LONGEST)
    key = b64encode(os.urandom(16)).decode()
    upgrade = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
    asked = f"GET /echo HTTP/1.1\r\nHost: {host}\r\n{upgrade}Sec-WebSocket-Version: 13\r\n\r\n"
    link.sendall(asked.encode())
    file = link.makefile("rb")
    if b" 101 " not in file.readline():
        raise ConnectionError("no upgrade")
    while file.readline().strip():
        pass
    return link, file


def echoed(link, file, text):
    """Send a text and read the answer; raises OSError where the connection has ended."""
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(text))
    link.sendall(bytes([0x81, 0x80 | len(text)]) + mask + masked)
    head = file.read(2)
    if len(head) < 2 or head[0] != 0x81:
        raise ConnectionError("it was closed")
    return file.read(head[1])


def talk():
    """Ask over one connection after the other."""
    number, last, open_since = 0, time.monotonic(), 0.0
    while not ended.is_set():
        try:
            link, file = connected()
            open_since = time.monotonic()
            while not ended.is_set():
                number += 1
                text = b"%d" % number
                wrong = echoed(link, file, text) != text
                now = time.monotonic()
                with lock:
                    found["echoes"] += 1
                    found["longest"] = max(found["longest"], now - last)
                    found["failures"] += ["another answer"] * wrong
                last = now
                time.sleep(PAUSE)
        except OSError as error:
            with lock:
                found["cuts"] += bool(open_since)
                if time.monotonic() - last > LONGEST:
                    found["failures"].append(repr(error))
                    last = time.monotonic()
            open_since = 0.0
            time.sleep(AGAIN)


visitors = [threading.Thread(target=talk) for _ in range(sockets)]
for visitor in visitors:
    visitor.start()
sys.stdin.read()
ended.set()
for visitor in visitors:
    visitor.join()
print(json.dumps(found))
