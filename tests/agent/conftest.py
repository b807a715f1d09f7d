import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.common.place import Place
from flaskwright.agent.engine.handler import HANDLERS, Handler, handles
from flaskwright.agent.engine.output import Output
from flaskwright.agent.engine.run import Run
from flaskwright.agent.kinds import KINDS
from flaskwright.agent.transaction import serving, transaction
from flaskwright.agent.venvs.builder import Builder

from .slot_host import OLD, SlotHost
from .support import SITE, Operator, fields


def of_app(directory: Path) -> Place:
    """The place of an app of which nothing is there."""
    return Place("blog", str(directory), str(directory / "state"))


@pytest.fixture
def operator() -> Iterator[Operator]:
    operator = Operator()
    yield operator
    operator.leave()
    operator.agent_in.close()
    with contextlib.suppress(BrokenPipeError):
        operator.agent_out.close()


@pytest.fixture
def run(operator: Operator, tmp_path: Path) -> Run:
    run = Run(operator.wire, place=of_app(tmp_path))
    run.site = SITE
    return run


@pytest.fixture
def dry_run(operator: Operator, tmp_path: Path) -> Run:
    run = Run(operator.wire, "check", of_app(tmp_path))
    run.site = SITE
    return run


@pytest.fixture
def quick_pip(empty_venv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have environments get a copy of pip, as ensurepip has once unpacked it."""
    (pip,) = empty_venv.glob("lib/python3*/site-packages/pip")
    run_real = Builder.command

    def command(self: Builder, argv: list[str], *more: Any, **how: Any) -> Output:
        if "ensurepip" not in argv:
            return run_real(self, argv, *more, **how)
        (place,) = Path(argv[0]).parents[1].glob("lib/python3*/site-packages")
        shutil.copytree(pip, place / "pip")
        return Output("ensurepip", 0, "", "", [])

    monkeypatch.setattr(Builder, "command", command)


@pytest.fixture
def slots(
    tmp_path: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SlotHost]:
    """A host with two releases, none of which serves."""
    host = SlotHost(tmp_path, operator)
    host.patch(monkeypatch)
    yield host
    host.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a transaction wait for nothing."""
    monkeypatch.setattr(serving, "PAUSES", (0.0, 0.01))
    monkeypatch.setattr(serving, "AGAIN", 0.0)
    monkeypatch.setattr(transaction, "WAIT", 0.05)


@pytest.fixture
def live(slots: SlotHost, impatient: None) -> SlotHost:
    """A host that serves OLD; a transaction on it waits for nothing."""
    slots.serve(OLD)
    return slots


@pytest.fixture
def process() -> Iterator[None]:
    """This process, which in the end is as it was before a transaction ran in it."""
    umask, handler = os.umask(0o022), signal.getsignal(signal.SIGTERM)
    yield
    os.umask(umask)
    signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Make a resource that does what a test says."""
    monkeypatch.setitem(KINDS, "doing", "transaction/serving")
    monkeypatch.setitem(HANDLERS, "doing", Handler)

    def resource(act: Callable[[Run], object], late: bool = False) -> dict[str, Any]:
        @handles("doing")
        class Doing(Handler):
            after_commit = late
            keys = ("done",)
            done = False

            def wanted(self) -> dict[str, Any]:
                return {"done": True}

            def actual(self) -> dict[str, Any]:
                return {"done": self.done}

            def fix(self, differing: list[str]) -> None:
                act(self.run)
                self.done = True

        return fields("doing")

    return resource
