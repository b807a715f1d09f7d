"""One certbot at a time: its own locks, taken before it is started, by the process that becomes it.

certbot locks a file in each of its directories (fcntl.lockf), and fails where another one has them.
Such a lock is the process's and outlives exec: what we have taken, certbot finds taken by itself,
and nobody can come in between.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


DIRECTORIES = ("/var/log/letsencrypt", "/etc/letsencrypt", "/var/lib/letsencrypt")
BUSY = 75  # EX_TEMPFAIL of sysexits(3); certbot itself ends with 0, 1 or 2
_TAKE = (
    """
import fcntl, os, sys
def lock(path):
    while True:
        file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        os.set_inheritable(file, True)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            if os.path.samestat(os.stat(path), os.fstat(file)):
                return
        except FileNotFoundError:
            pass
        os.close(file)
end = sys.argv.index("--")
try:
    for place in filter(os.path.isdir, sys.argv[1:end]):
        lock(os.path.join(place, ".certbot.lock"))
except BlockingIOError:
    sys.exit(%d)
try:
    os.execvp(sys.argv[end + 1], sys.argv[end + 1:])
except FileNotFoundError:
    sys.exit(sys.argv[end + 1] + " is not installed")
"""
    % BUSY
)  # a certbot that ends removes the file, whose lock is then worth nothing


def locked(argv: Sequence[str]) -> list[str]:
    """Give the command that becomes `argv` with the locks, or ends at once with status BUSY."""
    python = sys.executable or "/usr/bin/python3"
    return [python, "-I", "-c", _TAKE, *DIRECTORIES, "--", *argv]
