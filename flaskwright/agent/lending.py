"""The app's secrets lent to one command in a release: a migration, a hook, what somebody typed.

systemd hands them to services only. A command gets the same file, in a directory of its own in
/run, which nobody but the app's user reads and which is gone with the command.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile

from .credentials import Credentials, lay
from .hiding import Hiding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .run import Run

PLACE = "/run"
PREFIX = "flaskwright-lent-"


def withheld(run: Run, app_root: str, release: str) -> bytes:
    """Have the run hide the secrets of a release from now on; gives them, empty: it has none.

    Raises Failed where the host cannot open them any more.
    """
    credentials = Credentials(run, app_root)
    name = credentials.of(release)
    data = credentials.read(name) if name else b""
    if data:
        run.hide = Hiding(data.decode()).within
    return data


@contextlib.contextmanager
def lent(run: Run, app: str, app_root: str, release: str) -> Iterator[dict[str, str]]:
    """Give the variable by which a command of `app` finds the secrets of the release.

    From then on the run hides them in what it tells.
    """
    data = withheld(run, app_root, release)
    if not data:
        yield {}
        return
    _sweep(app)
    directory = tempfile.mkdtemp(prefix="%s%s-%d-" % (PREFIX, app, os.getpid()), dir=PLACE)
    try:
        lay(directory, data, app)
        yield {"CREDENTIALS_DIRECTORY": directory}
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _sweep(app: str) -> None:
    """Remove what a run has left that somebody killed."""
    for directory in glob.glob(os.path.join(PLACE, "%s%s-*" % (PREFIX, app))):
        whose, lender = directory.rsplit("-", 2)[:2]
        if whose.endswith(PREFIX + app) and not os.path.exists("/proc/" + lender):
            shutil.rmtree(directory, ignore_errors=True)
