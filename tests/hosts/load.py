"""Constant load from a host's own loopback: `load.py PATH SECONDS RATE CLIENTS`; JSON."""

import http.client
import json
import sys
import threading
import time

path, seconds, rate, clients = sys.argv[1], *map(float, sys.argv[2:])
until = time.monotonic() + seconds
took, failed = [], []


def client():
    due = time.monotonic()
    while due < until:
        began = time.monotonic()
        try:
            link = http.client.HTTPConnection("127.0.0.1", 80, timeout=30)
            link.request("GET", path)
            status = link.getresponse().status
            link.close()
        except OSError as error:
            status = repr(error)
        took.append(time.monotonic() - began)
        if status != 200:
            failed.append(status)
        due = max(due + clients / rate, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))


threads = [threading.Thread(target=client) for _ in range(int(clients))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"requests": len(took), "failed": failed, "slowest": round(max(took), 3)}))
