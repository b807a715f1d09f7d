"""What failed, why, and what cures it: rules over the lines that a program has left.

What the lines say is text of a stranger. It is shown; what somebody is told to type comes from our
own tables, or from names that a rule's pattern has held to letters, digits and a few signs.
"""

from __future__ import annotations

import re

from ..engine.errors import Unwell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Words = dict[str, str]

    Fill = Callable[[Words, "Facts", str], Words | None]


SHOWN = 15  # lines
READ = 2000  # lines, the last ones: strangers have written them
WIDTH = 4000  # characters of each
LONGEST = 300  # characters of the line that stands first
STAMP = re.compile(r"^\[[\d: +-]+\] \[\d+\] \[\w+\] ")  # gunicorn's
CODE = re.compile(r"\s*raise \w")  # of a traceback: the line that it ends with says the same


class Facts:
    """What is known of the app whose program failed.

    files: paths in the repository; directory: the app's among them; shared: paths in it that
    outlive a release; place: where its code lies on the host, and data: what it may write; python:
    its version, such as `Python 3.13.5`; command: the words that were run; packages: what is
    installed, by name; installed: whether the project itself is in the release; read: gives the
    text of one of the files, None for what is none; group_of: the group of a device of the host by
    its path, None for what is none.
    """

    def __init__(self, **known: Any) -> None:
        self.wsgi: str = known.get("wsgi", "app:app")
        self.directory: str = known.get("directory", "")
        self.python: str = known.get("python", "Python")
        self.files: list[str] = sorted(known.get("files", ()))
        self.shared: list[str] = list(known.get("shared", ()))
        self.place: str = known.get("place", "")
        self.data: str = known.get("data", "")
        self.command: list[str] = list(known.get("command", ()))
        self.packages: dict[str, str] = known.get("packages", {})
        self.installed: bool = known.get("installed", False)
        self.group_of: Callable[[str], str | None] = known.get("group_of", lambda path: "")
        self.read: Callable[[str], str | None] = known.get("read", lambda path: None)

    def of_app(self) -> list[str]:
        """Give the paths in the app's directory, from there."""
        top = self.directory + "/" if self.directory else ""
        return [path[len(top) :] for path in self.files if path.startswith(top)]

    def text(self, path: str) -> str:
        """Give the text of a file in the app's directory; empty for none."""
        return self.read("/".join(filter(None, [self.directory, path]))) or ""

    @property
    def module(self) -> str:
        """The module that gunicorn imports."""
        return self.wsgi.partition(":")[0]


class Told:
    """What a person is told: what failed, in its own words; why; what to do next; which lines.

    line: the one that decided.
    """

    def __init__(self, said: str, why: str, next: str, log: Sequence[str], line: str = "") -> None:
        self.said = said
        self.why = why
        self.next = next
        self.log = list(log)
        self.line = line


class Rule:
    """A cause, known by one line.

    pattern: of that line; its named groups fill the texts in, `name2` where `name` found nothing.
    why, next, said: the texts, in which %(line)s is the line, and %(python)s, %(module)s and
    %(data)s the facts. fill: gives more of them; None where the rule does not apply after all.
    """

    def __init__(
        self, pattern: str, why: str, next: str, said: str = "%(line)s", fill: Fill | None = None
    ) -> None:
        self.pattern = pattern  # compiled once something has failed: there are many of them
        self.texts = (said, why, next)
        self.fill = fill

    def applied(self, line: str, facts: Facts, text: str) -> list[str] | None:
        """Give what is said, why, and what to do next; None where it does not apply."""
        found = re.search(self.pattern, line)
        if not found or CODE.match(line):
            return None
        words = {"line": line, "python": facts.python, "module": facts.module, "data": facts.data}
        for name, value in found.groupdict().items():
            words[name.rstrip("23456")] = words.get(name.rstrip("23456")) or value or ""
        more = self.fill(words, facts, text) if self.fill else {}
        return None if more is None else [part % {**words, **more} for part in self.texts]


def told(rules: Iterable[Rule], lines: Sequence[str], facts: Facts) -> Told | None:
    """Give what the first rule that fits makes of the lines; None where none does."""
    lines = [line[:WIDTH] for line in lines[-READ:]]
    text = "\n".join(lines)
    for rule in rules:
        for number, line in enumerate(lines):
            texts = rule.applied(line, facts, text)
            if texts is not None:
                said = texts[0].replace(facts.place + "/", "") if facts.place else texts[0]
                return Told(shortened(said), texts[1], texts[2], around(lines, number), line)
    return None


def unwell(told: Told, complaint: str, state: str, more: str = "") -> Unwell:
    """Give the failure: the app's own words first, or what is wrong where it has said nothing.

    state: what that means, such as `release 1 is not well`; more: what else is to be known of it.
    """
    own = told.said != complaint
    what = told.said if own else "%s: %s" % (state, complaint)
    whys = [told.why, state if own else "", more]
    return Unwell(what, "; ".join(filter(None, whys)), told.log, told.next)


def around(lines: Sequence[str], number: int) -> list[str]:
    """Give the lines about the one that decides, and of those after it what there is room for."""
    first = max(0, min(number - SHOWN // 2, len(lines) - SHOWN))
    return list(lines[first : first + SHOWN])


def shortened(line: str) -> str:
    """Give a line without what stands before it, and not all of a long one."""
    line = STAMP.sub("", line.strip())
    return line if len(line) <= LONGEST else line[:LONGEST] + " …"
