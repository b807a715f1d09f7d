"""Resources that have their turn early, in a thread beside the others, one after another.

What came of each is told in its own place in the plan, and there the others wait for it.
"""

from __future__ import annotations

import threading
import time

from .errors import Gone, HandOver
from .run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .output import Output
    from .watch import How

    Fields = dict[str, Any]
    Judge = Callable[[Fields, Run], Fields]


class Beside:
    """The resources of a plan; none is early until somebody says `begin`.

    judge: deals with one of them and gives the fields of its result.
    """

    def __init__(self, run: Run, resources: Sequence[Fields], judge: Judge) -> None:
        self._resources = resources
        self._judge = judge
        self._run = _Early(run)
        self._results: dict[str, Fields] = {}
        self._todo: list[Fields] = []
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._came = threading.Condition()
        self._is_over = False

    def begin(self, ids: Sequence[str]) -> None:
        """Deal with these from now on; where some are under way already nothing is added."""
        if ids and not self._todo:
            self._todo = [fields for fields in self._resources if fields["id"] in ids]
            self._thread.start()

    def result(self, fields: Fields, run: Run) -> Fields | None:
        """Wait for what came of a resource, its `seconds` too; None: it was not dealt with."""
        if fields not in self._todo:
            return None
        self._run.has_turn.set()
        with run.waits(self._run.words), self._came:
            self._came.wait_for(lambda: fields["id"] in self._results or self._is_over)
        return self._results.get(fields["id"])

    def end(self, at_once: bool) -> None:
        """Begin with nothing more, and wait for what is in hand.

        at_once: its programs are ended.
        """
        self._run.is_over.set()
        if at_once:
            self._run.ends_programs.set()
        if self._todo:
            self._thread.join()

    def _work(self) -> None:
        try:
            for fields in self._todo:
                if self._run.is_over.is_set() or self._dealt_with(fields)["state"] == "failed":
                    break
        except (Gone, HandOver):
            pass  # its own turn comes to the same
        finally:
            with self._came:
                self._is_over = True
                self._came.notify_all()

    def _dealt_with(self, fields: Fields) -> Fields:
        began = time.monotonic()
        self._run.current = fields["id"]
        result = self._judge(fields, self._run)
        with self._came:
            seconds = round(time.monotonic() - began, 3)
            self._results[fields["id"]] = dict(result, seconds=seconds)
            self._came.notify_all()
        return result


class _Early(Run):
    """A run as resources see it before their turn: the screen is not theirs yet."""

    is_early = True

    def __init__(self, run: Run) -> None:
        super().__init__(run.wire)
        waits = self._waits
        vars(self).update(vars(run))  # whatever a run knows
        self._waits = waits
        self._of = run
        self.has_turn = threading.Event()
        self.is_over = threading.Event()
        self.ends_programs = threading.Event()

    def words(self) -> str:
        """Say what it is at."""
        return self.waited_for()[0]

    def event(self, event: str, **fields: Any) -> None:
        """Send an event; of what moves on the screen only what has its turn."""
        if event != "progress" or self.has_turn.is_set():
            self._of.event(event, **fields)

    def _executed(
        self, argv: Sequence[str], how: How, on_line: Callable[[str], None] | None
    ) -> Output:
        return super()._executed(argv, {**how, "is_over": self.ends_programs.is_set}, on_line)
