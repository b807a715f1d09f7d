"""What an app reads by keyring, as files that systemd opens for the app's service alone.

Each set of values has a file of its own, which never changes: a release's unit names the one that
it was deployed with, so a rollback brings its values back. Where systemd cannot open files for a
service, it is one of the app's user. What is shown, and the files' names, are marks: an HMAC with a
key that only root has, so that nobody else can try values out.
"""

from __future__ import annotations

import hashlib
import hmac
import json


def mark(key: bytes, name: str, value: str) -> str:
    """Give what tells a value of an entry from others; the operator's side does the same."""
    return hmac.new(key, json.dumps([name, value]).encode("ascii"), hashlib.sha256).hexdigest()[:16]
