"""Runs on a host: asks the site all the while, and says how long it did not answer well; JSON.

`visitors.py` asks until its stdin ends; `served` are the releases that answered, in order.
"""

import http.client
import json
import sys
import threading
import time

told = {"served": [], "failed": 0, "longest": 0.0}
ended = threading.Event()


def ask():
    link = http.client.HTTPConnection("127.0.0.1", 80, timeout=30)
    try:
        link.request("GET", "/release")
        answer = link.getresponse()
        return answer.read().decode() if answer.status == 200 else ""
    except OSError:
        return ""
    finally:
        link.close()


def visit():
    since = time.monotonic()
    while not ended.is_set():
        release = ask()
        now = time.monotonic()
        told["failed"] += not release
        told["longest"] = max(told["longest"], round(now - since, 3))
        since = now if release else since
        if release and release not in told["served"][-1:]:
            told["served"].append(release)
        time.sleep(0.02)


visitor = threading.Thread(target=visit)
visitor.start()
sys.stdin.read()
ended.set()
visitor.join()
print(json.dumps(told))
