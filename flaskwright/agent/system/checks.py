"""Programs that are asked about a file before it takes its place."""

from __future__ import annotations

import os
import re
import tempfile

from ..engine.choices import chosen, names
from ..engine.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..engine.output import Output
    from ..engine.run import Run

    Put = Callable[[str], None]

    Refuses = Callable[[Output, str], list[str]]


def checked(check: str, run: Run, path: str, put: Put) -> None:
    """Have `put(place)` make a candidate for `path` and ask `check` for its opinion.

    Raises Failed with the checker's lines; a checker that is not on the host is not asked.
    """
    chosen("check", check)(run, path, put)


@names("check", "systemd")
def by_systemd(run: Run, path: str, put: Put) -> None:
    """Have systemd-analyze(1) read a candidate for a unit's file by itself."""
    _alone(("/usr/bin/systemd-analyze", "verify", "--man=no"), _own_lines, run, path, put)


@names("check", "visudo")
def by_visudo(run: Run, path: str, put: Put) -> None:
    """Have visudo(8) read a candidate for a file of sudo's rules by itself."""
    _alone(("/usr/sbin/visudo", "-c", "-f"), _status, run, path, put)


def _alone(program: Sequence[str], refuses: Refuses, run: Run, path: str, put: Put) -> None:
    if not os.path.exists(program[0]):
        return
    with tempfile.TemporaryDirectory(prefix="flaskwright-check-") as place:
        copy = os.path.join(place, os.path.basename(path))
        put(copy)
        output = run.command([*program, copy], check=False, timeout=60)
        log = [line.replace(copy, path) for line in refuses(output, copy)]
    if log:
        why = "%s refuses it" % os.path.basename(program[0])
        raise Failed("%s was not changed" % path, why, log)


def _status(output: Output, copy: str) -> list[str]:
    return output.tail() or ["exit status %d" % output.status] if output.status else []


def _own_lines(output: Output, copy: str) -> list[str]:
    """Pick what is said of the file's own lines, newer keys aside.

    Its exit status tells nothing: other units count too, and it differs between versions.
    """
    own = re.compile(re.escape(copy) + r":\d+: (?!Unknown (key|lvalue|section))")
    return [line for line in output.lines if own.match(line)]
