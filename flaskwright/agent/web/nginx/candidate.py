"""nginx's opinion of a change before it is made: a changed copy of its configuration, tested.

The copy is bound over /etc/nginx in a mount namespace of its own, so that absolute paths and
links within the configuration mean the copy, and the running server sees nothing of it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile

from ...engine.choices import names
from ...engine.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...engine.output import Output
    from ...engine.run import Run


HOME = "/etc/nginx"
BINARY = "/usr/sbin/nginx"
_BIND = 'mount --bind "$1" %s && exec %s -t -q' % (HOME, BINARY)


@names("check", "nginx")
def check(run: Run, path: str, put: Callable[[str], None]) -> None:
    """Let `put` change the copy of `path`, which is below /etc/nginx, and test the whole.

    Raises Failed with nginx's lines where it refuses. Without nginx there is nothing to test.
    """
    if not path.startswith(HOME + "/"):
        raise ValueError("%s is not below %s" % (path, HOME))
    if not os.path.exists(BINARY) or not os.path.isdir(HOME):
        return
    with tempfile.TemporaryDirectory(prefix="flaskwright-nginx-") as place:
        copy = os.path.join(place, "nginx")
        shutil.copytree(HOME, copy, symlinks=True)
        changed = copy + path[len(HOME) :]
        os.makedirs(os.path.dirname(changed), exist_ok=True)
        put(changed)
        argv = ["unshare", "-m", "sh", "-c", _BIND, "sh", copy]
        output = run.command(argv, check=False, timeout=60)
    if output.status != 0:
        raise _refused(run, path, output)


def _refused(run: Run, path: str, output: Output) -> Failed:
    before = run.command([BINARY, "-t", "-q"], check=False, timeout=60)
    if before.status != 0:
        why = "nginx refuses its configuration, with this change and without it"
        return Failed("%s was not changed" % path, why, before.tail(), way_out(before.lines))
    why = "nginx refuses the configuration with it; the one in force is untouched"
    return Failed("%s was not changed" % path, why, output.tail(), way_out(output.lines))


def way_out(lines: list[str]) -> str:
    """Say what helps where nginx refuses: the line that it names may well be another site's."""
    found = re.search(r"duplicate default server for (\S+) in (\S+):\d+", "\n".join(lines))
    advice = "repair it until `sudo nginx -t` passes, then run the same command again"
    if found and HOME in found.group(2):
        advice = "take default_server out of %s, then run the same command again" % found.group(2)
    return advice
