"""Where `./fab` enters: it starts this file with the words that were typed.

Python reads the program for a second or more on a small machine; Ctrl-C meanwhile ends it in words.
"""

import gc
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


gc.disable()  # until a task runs (executor.py): of what is imported, all of it stays
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # nobody has had it ignored
    signal.signal(signal.SIGINT, _end)

from flaskwright.run.program import main  # noqa: E402

main()
