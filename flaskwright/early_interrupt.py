"""Ctrl-C while Python still reads this program, which takes a second or more on a small machine.

`flaskwright/__init__.py` imports this before all else.
"""

from __future__ import annotations

import os
import signal
import sys

SAID = b"interrupted; no host was asked for anything\n"
AS_JSON = b'{"hosts": {}, "exit_code": 1, "error": "interrupted", "why": ""}\n'


def _end(*_: object) -> None:
    os.write(2, SAID)
    if "--json" in sys.argv:
        os.write(1, AS_JSON)
    os._exit(1)


def is_over() -> None:
    """Leave Ctrl-C to what runs from now on."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_read_by_python() -> bool:
    """Tell whether this is `python -m flaskwright` before its first line, as `./fab` starts it."""
    return sys.argv[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)] == __package__


# Where nobody has had Ctrl-C ignored.
if _is_read_by_python() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _end)
