"""Whether a release's app can be imported: asked of gunicorn, as the app's user."""

from __future__ import annotations

import os
import shlex
import signal

from .handler import Failed
from .tracebacks import from_the_app

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .run import Run

TIMEOUT = 120.0  # seconds, as the unit's start
CONFIGURATION = "etc/gunicorn.conf.py"


def check_import(run: Run, app: str, release: str, wsgi: str, unit: str) -> None:
    """Import `wsgi` as the unit will, in a release that is nobody's yet; raises Failed.

    `unit` is the unit's text: its environment counts.
    """
    python = os.path.join(release, ".venv", "bin", "python")
    argv = [python, "-m", "gunicorn", "--check-config", "-c", CONFIGURATION]
    environment = unit_environment(unit)
    run.progress("imports %s" % wsgi, always=True)
    try:
        output = run.command(
            argv, user=app, env=environment, cwd=release, check=False, timeout=TIMEOUT
        )
    except Failed as slow:
        why = "the import does not come to an end; does it start a server (app.run) or wait?"
        advice = 'move it below `if __name__ == "__main__":`, commit, and deploy again'
        raise Failed("%s does not import" % wsgi, why, slow.log, advice) from None
    if output.status != 0:
        raise Failed(
            "%s does not import" % wsgi,
            (output.tail(1) or [_ending(output.status)])[0],
            from_the_app(output.tail(200), release),
            "correct it (or `wsgi` in hosts.toml), commit, and deploy again",
        )


def _ending(status: int) -> str:
    """Say how gunicorn ended that said nothing; the kernel kills what takes too much memory."""
    if status == -signal.SIGKILL:
        return "gunicorn was killed; was there too little memory?"
    return "gunicorn ended with status %d and no word" % status


def unit_environment(unit: str) -> dict[str, str]:
    """Give the variables of a unit's Environment= lines (systemd.exec(5))."""
    lines = [
        line.partition("=")[2] for line in unit.splitlines() if line.startswith("Environment=")
    ]
    pairs = [word.partition("=") for line in lines for word in shlex.split(line)]
    return {name: value.replace("%%", "%") for name, _, value in pairs}
