"""What must hold after trouble: plain words, the site as it was, nothing half-made, and a cure."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .conftest import Live
from .project import Said
from .visitor import page

# what a run that was broken off may leave for a moment, but none for good
LEFT = """
ls -A /srv/guestbook | grep '^[.]'
ls -A /srv/guestbook/releases | grep '^[.]'
for venv in /srv/guestbook/venvs/*; do [ -e $venv/.complete ] || echo $venv; done
sudo find /etc /srv /var/lib/flaskwright /run /tmp -name '.*.flaskwright-*'
sudo find /tmp -name 'flaskwright-nginx-*'
true
"""
FREE = "sudo flock --nonblock /var/lib/flaskwright/lock true && echo free || true"


def told(said: Said, code: int, *words: str) -> None:
    """Assert an exit code, and that the screen says why and what next, in plain words."""
    assert said.code == code, str(said)
    assert not re.search(r"^Traceback|^  File ", said.err, re.MULTILINE), str(said)
    assert "a mistake in Flaskwright" not in said.err, str(said)
    assert "failed  " in said.err, str(said)
    for word in words:
        assert word in said.err, f"{word!r} is not in:\n{said}"


@contextmanager
def steady(live: Live) -> Iterator[None]:
    """Assert that what is done within leaves the site and the releases as they were."""
    before = page(live.address), live.current()
    yield
    assert (page(live.address), live.current()) == before
    assert left(live) == ""


def left(live: Live) -> str:
    """Return what is left half-made on the host."""
    return live.shell(LEFT)


def converges(live: Live) -> None:
    """Assert that the next deploy succeeds, that the one after has nothing to do, and the site."""
    live.deploy()
    said = live.deploy()
    assert "nothing to do" in said.err, str(said)
    assert "<h1>Guestbook</h1>" in page(live.address)
    assert left(live) == ""


def wait_until(live: Live, question: str, answer: str = "", seconds: float = 40) -> None:
    """Ask the host until a command prints `answer`."""
    until = time.monotonic() + seconds
    while live.shell(question, check=False).strip() != answer:
        assert time.monotonic() < until, f"{question}: never {answer!r}"
        time.sleep(0.1)
