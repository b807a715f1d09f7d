"""A shell on a terminal, typed into as a person does: a line when it asks for one."""

from __future__ import annotations

import os
import pty

from .conftest import Live
from .project import Said


def typed(live: Live, *lines: str) -> Said:
    """Open a shell on a terminal and type into it."""
    ours, theirs = pty.openpty()
    process = live.project.start("-H", live.project.name, "shell", terminal=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
            if chunk.rstrip().endswith(b"$") and lines:
                os.write(ours, lines[0].encode() + b"\n")
                lines = lines[1:]
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    return Said(process.wait(timeout=20), shown.decode(), "")
