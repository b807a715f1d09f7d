"""What must hold after trouble: plain words, the site as it was, nothing half-made, and a cure."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .conftest import Live
from .project import Said
from .visitor import page

MAIN = "systemctl show -P MainPID 'guestbook@*.service' | grep '[1-9]'"
HALF_VENVS = """
sudo sh -c 'cd /srv/guestbook/venvs && for venv in *; do
    grep -qs packages /var/lib/flaskwright/guestbook/venvs/$venv.json ||
        readlink /srv/guestbook/releases/*/.venv | grep -q "/$venv$" || echo $venv
done'
"""
# the live release and its main process; then what should not be there: what is half-made
STATE = f"""
basename "$(readlink /srv/guestbook/current)"
{MAIN}
ls /run | grep -E 'guestbook@.*[.]next|canary'
systemctl list-units --plain --no-legend 'flaskwright.*.guestbook.*'
sudo ls /var/lib/flaskwright/guestbook /run/systemd/system | grep -E 'pending|reserve|[.]service'
ls -A /srv/guestbook | grep '^[.]'
ls -A /srv/guestbook/releases | grep '^[.]'
{HALF_VENVS}
sudo find /etc /srv /var/lib/flaskwright /run /tmp -name '.*.flaskwright-*'
sudo find /tmp -name 'flaskwright-nginx-*'
true
"""


def state(live: Live) -> tuple[str, str]:
    """Return the live release and its main process; assert that nothing is half-made."""
    release, process, *left = live.shell(STATE).splitlines()
    assert not left
    return release, process


def told(said: Said, code: int, *words: str) -> None:
    """Assert an exit code, and that the screen says why and what next, in plain words."""
    assert said.code == code, str(said)
    assert not re.search(r"^Traceback|^  File ", said.err, re.MULTILINE), str(said)
    assert "a mistake in Flaskwright" not in said.err, str(said)
    assert "failed  " in said.err, str(said)
    for word in words:
        assert word in said.err, f"{word!r} is not in:\n{said}"


@contextmanager
def steady(live: Live, restarts: bool = False) -> Iterator[str]:
    """Assert that what is done within leaves the site as it was; gives the live release.

    restarts: whether another process may have the same release at the end.
    """
    before, shown = state(live), page(live.address)
    yield before[0]
    after = state(live)
    assert page(live.address) == shown
    assert after[0] == before[0]
    assert restarts or after == before


def converges(live: Live) -> None:
    """Assert that the next deploy succeeds, that the one after has nothing to do, and the site."""
    live.deploy()
    said = live.deploy()
    assert "nothing to do" in said.err, str(said)
    assert "<h1>Guestbook</h1>" in page(live.address)
    state(live)


def wait_until(live: Live, question: str, answer: str, seconds: float = 40) -> None:
    """Ask the host until a command prints `answer`."""
    until = time.monotonic() + seconds
    while live.shell(question, check=False).strip() != answer:
        assert time.monotonic() < until, f"{question}: never {answer!r}"
        time.sleep(0.1)
