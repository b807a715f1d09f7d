"""One run of the agent: what its handlers share, and their way to the operator."""

from __future__ import annotations

import contextlib
import threading
import time

from ..common.place import Place
from ..common.site import Site
from ..common.subject import Subject
from .command import execute
from .errors import Failed, Gone, Stopped
from .network_cause import lost_packets
from .output import Output
from .watch import Silent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, ClassVar, ContextManager, Union, Unpack

    from .watch import How
    from .wire import Wire

    Words = Union[str, Callable[[], str]]  # the second is asked in another thread


QUIET = 0.1  # seconds between two progress events
SILENCE = 120.0  # seconds in which a program that talks to a network may hear nothing from it
AT_WORK = "at work"  # for want of better words
PATIENCE = 8.0  # seconds without a word; the operator is promised one in ten, and is a way off
CHANGES = ("changed", "would change", "would run")
TOLD = ("what", "why", "log", "next", "text", "note", "diff", "facts")  # what programs have said


class Run:
    """The run in hand. `about` goes to the operator at the end; `cache` is forgotten with the run.

    place: where its app is, and what we remember of it; site: where visitors find it; who: the
    operator, as user@machine; ssh_agent: the socket of the agent that they forward, if they do;
    detached: this is a transaction, which needs nobody; transaction: its id, empty outside of one;
    remember: notes on the disk, by name, what its undo has to know, and nothing outside of one;
    ends: when systemd ends it (monotonic), 0 for never; hide:
    takes secrets out of what is told, once the app was lent them; spoke: when something was last
    told (monotonic), patience: seconds after which it is told what is waited for (see silence.py);
    silence: seconds in which a program that talks to a network may hear nothing from it; begin:
    has resources, by id, dealt with from now on beside the others (see beside.py).
    """

    is_early: ClassVar[bool] = False  # it is not yet the turn of what is dealt with

    def __init__(
        self, wire: Wire, mode: str = "apply", place: Place | None = None, who: str = ""
    ) -> None:
        self.wire = wire
        self.mode = mode
        self.place = place or Place()
        self.site = Site()
        self.who = who
        self.ssh_agent = ""
        self.about = Subject()
        self.cache: dict[str, Any] = {}
        self.states: dict[str, str] = {}
        self.current = ""
        self.detached = False
        self.transaction = ""
        self.remember: Callable[..., None] = _nothing
        self.ends = 0.0
        self.silence = SILENCE
        self.hide: Callable[[Any], Any] = _as_it_is
        self.spoke = time.monotonic()
        self.patience = PATIENCE
        self.begin: Callable[[Sequence[str]], None] = _no_begin
        self._speaks = threading.RLock()
        self._asks = threading.Lock()
        self._waits: list[tuple[Words, float]] = [(AT_WORK, self.spoke)]
        self._last_progress = 0.0
        self._stoppable = True

    @property
    def checking(self) -> bool:
        """Whether this is a dry run."""
        return self.mode == "check"

    def changed(self, resource_id: str) -> bool:
        """Tell whether that resource was changed in this run, or would be in a dry one."""
        return self.states.get(resource_id) in CHANGES

    def stop(self, why: str) -> None:
        """End what is in hand, as asked from outside, unless it is too late for that."""
        if self._stoppable:
            self.cache["stopped"] = True
            raise Stopped("stopped", why, next="run the same command again")

    def close_to_stops(self) -> None:
        """From here on a transaction goes to its end."""
        self._stoppable = False

    def phase(self, name: str) -> None:
        """Tell that a transaction enters a phase."""
        self.event("phase", id=self.current, name=name)

    def event(self, event: str, **fields: Any) -> None:
        """Send an event with fields to the operator; secret values are hidden in it."""
        with self._speaks:
            hidden = {name: self.hide(fields[name]) for name in TOLD if name in fields}
            if self.detached:  # whoever follows it later can tell how long all of it took
                hidden["at"] = round(time.monotonic(), 2)
            self.pass_on(dict(fields, event=event, **hidden))

    def pass_on(self, event: dict[str, Any]) -> None:
        """Send an event that is whole already, such as one of the transaction's journal."""
        with self._speaks:
            self.spoke = time.monotonic()
            self.wire.send(event)

    @contextlib.contextmanager
    def waits(self, what: Words) -> Iterator[None]:
        """Say that this run waits, in these words, where the block within takes long."""
        self._waits.append((what, time.monotonic()))
        try:
            yield
        finally:
            self._waits.pop()

    def tell_wait(self) -> None:
        """Tell what is waited for, and for how many seconds it has been; from another thread."""
        text, since = self.waited_for()
        if text and self._speaks.acquire(blocking=False):
            try:
                seconds = round(time.monotonic() - since, 1)
                self.event("waiting", id=self.current, text=text, seconds=seconds)
            finally:
                self._speaks.release()

    def waited_for(self) -> tuple[str, float]:
        """Give what is waited for, and since when (monotonic)."""
        what, since = self._waits[-1]
        return what if isinstance(what, str) else what(), since

    def progress(self, text: str, always: bool = False) -> None:
        """Tell what goes on within the resource in hand; too frequent lines are left out."""
        now = time.monotonic()
        if text and (always or now - self._last_progress >= QUIET):
            self._last_progress = now
            self.event("progress", id=self.current, text=text)

    def notice(self, text: str) -> None:
        """Tell what a person should know at once, wherever the output goes."""
        self.event("notice", id=self.current, text=text)

    def want(self, name: str, value: dict[str, Any]) -> bytes:
        """Ask the operator for something; empty: they cannot. Raises Gone."""
        # while one waits for an answer, the operator's side is at work, and says so itself
        with self._asks, self.waits(""):
            self.event("want", id=self.current, name=name, value=value)
            return self.wire.answer()

    def pause(self, seconds: float) -> None:
        """Wait for something on the host; raises Gone when nobody waits with us any more."""
        time.sleep(seconds)
        if self.wire.gone():
            raise Gone("the operator has gone")

    def command(
        self,
        argv: Sequence[str],
        check: bool = True,
        progress: bool = False,
        **how: Unpack[How],
    ) -> Output:
        """Run a program as `how` says (see command.How) and give its Output(status, out, err).

        With `check` a status other than 0 raises Failed with the last 15 lines; so does a program
        that is not there, takes too long or says too much. `progress` shows its lines while it
        runs, and then it may say what it likes.
        """
        if progress:
            how.setdefault("tail", True)
        output = self._executed(argv, how, self.progress if progress else None)
        if check and output.status != 0:
            raise Failed("%s: %s" % (output.name, output.ending), log=output.tail())
        return output

    def _executed(
        self, argv: Sequence[str], how: How, on_line: Callable[[str], None] | None
    ) -> Output:
        """Run a program; where it got no answer from the network we ask, and raise the cause."""
        urls = how.get("urls", ())
        try:
            output = execute(argv, how, on_line, self._at)
        except Silent as silent:
            lost = lost_packets(self.waits, silent.traffic.stuck, urls, silent.log)
            raise lost or silent from None
        if output.status and output.stuck:
            lost = lost_packets(self.waits, output.stuck, urls, output.tail())
            if lost:
                raise lost
        return output

    def _at(self, what: Callable[[], str]) -> ContextManager[None]:
        """Have what a program is at told, unless a handler has put in words what it waits for."""
        told = self._waits[-1][0] != AT_WORK
        return contextlib.nullcontext() if told else self.waits(what)


def _as_it_is(value: Any) -> Any:
    return value


def _nothing(**noted: Any) -> None:
    return


def _no_begin(ids: Sequence[str]) -> None:
    return
