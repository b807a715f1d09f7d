"""The program that `./fab` becomes: Fabric's, with our words for what it cannot read.

Whoever types something that there is not gets the nearest that there is, and exit code 64; with
`--json` standard output has one JSON object whatever happens.
"""

from __future__ import annotations

import gc
import itertools
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import fabric
from fabric.main import Fab
from invoke import Exit
from invoke.exceptions import ParseError

from flaskwright.agent.common.text import lines

from ..report import hints
from ..report.output import put, to_nowhere
from ..version import VERSION

if TYPE_CHECKING:
    from ..errors import FlaskwrightError

ENOUGH = 0  # whoever reads only the first lines of a list has had enough of it


class Program(Fab):  # type: ignore[misc]  # Fabric ships no types
    """`fab` of Invoke, with our first page, options, hints and exit codes."""

    def print_version(self) -> None:
        """Print our version, then those of what we stand on."""
        _, *others = _printed(super().print_version)
        ours = (f"Flaskwright {VERSION}", f"Fabric {fabric.__version__}")
        put("\n".join([*ours, *others]), sys.stdout)

    def parse_core(self, argv: list[str] | None) -> None:
        """Read what stands before the tasks."""
        words = sys.argv if argv is None else argv
        self._json = "--json" in _before_remainder(words)
        try:
            super().parse_core(argv)
        except (ParseError, ValueError) as error:
            self._refuse(error, {})

    def parse_tasks(self) -> None:
        """Read the tasks; what is no task, or no option of one, is refused."""
        self._help_of_a_task()
        try:
            super().parse_tasks()
        except (ParseError, ValueError) as error:
            self._refuse(error, self.parser.contexts)
        self._must_be_read()

    def parse_cleanup(self) -> None:
        """Answer what asks for no task; what is asked about has to be there."""
        for asked, known in (("help", self.parser.contexts), ("list", self.collection.collections)):
            word = self.args[asked].value
            if isinstance(word, str) and word not in known:
                self._no_such(word, known)
        super().parse_cleanup()

    def no_tasks_given(self) -> None:
        """Show the first page; with a host the question is what to do there."""
        if self._remainder_only:
            return
        from ..errors import UsageError
        from . import first_page

        host = self.args.hosts.value
        if host in self.parser.contexts:
            self._fail(UsageError(f"-H {host}: on which host?", next=f"./fab -H HOST {host}"))
        if host is not None:
            self._fail(
                UsageError(f"-H {host}: what is to be done there?", next=f"./fab -H {host} deploy")
            )
        put("\n".join(first_page.page(self.collection)), sys.stdout)
        raise Exit

    def update_config(self, merge: bool = True) -> None:
        """Ask for sudo's password in words of ours, where the command line says so."""
        asked = self.args["prompt-for-sudo-password"]
        wanted, asked._value = asked.value, False
        super().update_config()
        if wanted:
            from ..link import sudo

            self.config._overrides["sudo"] = {"password": sudo.ask("Password for sudo: ")}
            self.config.merge()

    def _help_of_a_task(self) -> None:
        """Take `TASK --help` for what it is, also of a task that wants further words."""
        words = self.core.unparsed
        for task, after in itertools.pairwise(words):
            if after in ("--help", "-h") and not task.startswith("-"):
                self.core[0].args.help.value = task
                words.clear()
                return

    def _must_be_read(self) -> None:
        """Refuse what the parser has taken for something else, or let pass by."""
        from ..errors import UsageError

        before, after = self.core[0].args.hosts, self.core_via_tasks.args.hosts
        if before.raw_value is not None and after.raw_value is not None:
            both = f"{before.raw_value},{after.raw_value}"
            self._fail(UsageError("-H is given twice", next=f"one list of hosts: -H {both}"))
        for context in self.tasks:
            if any(str(each.raw_value).startswith("-") for each in context.positional_args):
                from . import did_you_mean

                word = did_you_mean.eaten(context)
                self._fail(did_you_mean.option(word, context, self.parser.contexts, self.core[0]))

    def _refuse(self, error: Exception, tasks: Any) -> NoReturn:
        from ..errors import UsageError
        from . import did_you_mean

        given = self.argv[1:]
        twice = _twice(given)
        if twice:
            self._fail(UsageError("-H is given twice", next=f"one list of hosts: -H {twice}"))
        core = self.initial_context
        if isinstance(error, ParseError):
            self._fail(did_you_mean.refusal(error, error.context, tasks, core))
        self._fail(did_you_mean.number(given, core))

    def _no_such(self, word: str, known: Any) -> NoReturn:
        from ..config.did_you_mean import no_such
        from ..errors import UsageError
        from . import did_you_mean

        if known is self.parser.contexts:
            self._fail(did_you_mean.task(word, None, known))
        self._fail(UsageError(no_such("part", word, known), next="./fab --list has all tasks"))

    def _for_the_host(self, error: FlaskwrightError) -> FlaskwrightError:
        """Give an error whose commands name the hosts that were chosen before the task."""
        from ..report import hints

        core = getattr(self, "core", None)  # not there where that itself cannot be read
        chosen = core[0].args.hosts.value if core else None
        if chosen:
            error.next = hints.as_typed(error.next, chosen)
        return error

    def _fail(self, error: FlaskwrightError) -> NoReturn:
        """Say what is wrong, also as JSON where that was asked for, and end."""
        from ..report import console

        if self._json:
            console.use_json()
        console.failure(None, self._for_the_host(error))
        console.finish()
        raise Exit(code=error.exit_code)


def make() -> Program:
    """Return the program."""
    return Program(
        name="Flaskwright",
        binary=hints.program(),
        version=VERSION,
        executor_class=fabric.Executor,  # fabric.yaml names ours
        config_class=fabric.Config,
    )


def main() -> NoReturn:
    """Be `./fab`: run what was typed, and end with its exit code."""
    code = _code(make())
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        to_nowhere(sys.stdout)
    gc.freeze()  # the end of it all searches for no garbage either
    sys.exit(code)


def _code(program: Program) -> int:
    try:
        program.run()
        return 0
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BrokenPipeError:
        to_nowhere(sys.stdout)
        return ENOUGH


def _before_remainder(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def _twice(words: list[str]) -> str:
    """Return the hosts of several -H as one list; nothing where it is there once."""
    given = [after for word, after in itertools.pairwise(words) if word in ("-H", "--hosts")]
    return ",".join(given) if len(given) > 1 else ""


def _printed(tell: Any) -> list[str]:
    """Return the lines that a function prints."""
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()) as said:
        tell()
    return lines(said.getvalue())
