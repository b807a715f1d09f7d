"""An operator for the agent's parts: real pipes, events as dictionaries; and plans' fields."""

from __future__ import annotations

import contextlib
import errno
import grp
import json
import os
import pwd
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent import kinds
from flaskwright.agent.common.site import Site
from flaskwright.agent.engine.drive import judge
from flaskwright.agent.engine.handler import HANDLERS, Handler
from flaskwright.agent.engine.output import Output
from flaskwright.agent.engine.run import Run
from flaskwright.agent.engine.wire import Wire

ME = pwd.getpwuid(os.geteuid()).pw_name
SITE = Site("blog.test", "http", "blog.test", ["blog.test"])
MINE = grp.getgrgid(os.getegid()).gr_name

for module in set(kinds.KINDS.values()):
    kinds.module(module)


def full(*given: object, **named: object) -> None:
    """Stand where something is written, on a disk that is full."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Operator:
    """The other end of the link: `answers` goes to the agent, `events` came from it."""

    def __init__(self) -> None:
        agent_in, self.answers = os.pipe()
        self.came, agent_out = os.pipe()
        os.set_blocking(self.came, False)
        self.agent_in, self.agent_out = os.fdopen(agent_in, "rb"), os.fdopen(agent_out, "wb")
        self.wire = Wire(self.agent_in, self.agent_out)
        self._open = {self.answers, self.came}

    def say(self, data: bytes) -> None:
        os.write(self.answers, b"%d\n%s" % (len(data), data))

    def events(self) -> list[dict[str, Any]]:
        try:
            return [json.loads(line) for line in os.read(self.came, 1 << 20).splitlines()]
        except BlockingIOError:
            return []

    def leave(self) -> None:
        while self._open:
            os.close(self._open.pop())


class AnsweredRun(Run):
    """A run that starts no program: `answers` says what came of each."""

    answers: Callable[..., Output]
    site = SITE

    def command(self, argv: list[str], **how: Any) -> Output:  # type: ignore[override]
        return self.answers(argv, **how)


@contextlib.contextmanager
def mounted(place: Path, options: str) -> Iterator[Path]:
    """A small disk at `place`; the test is skipped where nothing can be mounted."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.run(mount).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def broken(error: type[BaseException], why: str) -> pytest.MarkDecorator:
    """Mark a test of something that is known not to be so yet; it fails as soon as it is."""
    return pytest.mark.xfail(strict=True, raises=error, reason=why)


@contextlib.contextmanager
def swapped(tree: Path, victim: Path) -> Iterator[None]:
    """Have the directories of a tree change places with links to another one, over and over."""
    done, place = threading.Event(), os.open(tree, os.O_RDONLY)

    def swap() -> None:
        while not done.is_set():
            for name in os.listdir(place):
                with contextlib.suppress(OSError):
                    os.rename(name, ".aside", src_dir_fd=place, dst_dir_fd=place)
                    os.symlink(victim, name, dir_fd=place)
                    os.unlink(name, dir_fd=place)
                    os.rename(".aside", name, src_dir_fd=place, dst_dir_fd=place)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        os.close(place)


def names(directory: Path) -> list[str]:
    """The names of all that is in a directory."""
    return sorted(path.name for path in directory.iterdir())


def fields(kind: str, name: str = "x", **more: Any) -> dict[str, Any]:
    """The fields of a resource as they come in a plan."""
    return {"kind": kind, "id": f"{kind}:{more.get('path', name)}", "step": "test", **more}


def file_fields(path: object, content: str, mode: int = 0o644, **more: Any) -> dict[str, Any]:
    owned = {"owner": ME, "group": MINE, "mode": mode, "check": None}
    return fields("file", path=str(path), content=content, **{**owned, **more})


def result(run: Run, resource: dict[str, Any]) -> dict[str, Any]:
    return judge(resource, run)


def handler(run: Run, resource: dict[str, Any]) -> Handler:
    return HANDLERS[resource["kind"]](resource, run)


def over_https(site: Site) -> Site:
    """The same site, to which visitors come over HTTPS."""
    return Site(**{**site.fields(), "scheme": "https"})
