"""What a program is at, in words: from its connections, else from the last of its lines."""

from __future__ import annotations

import os
import re
import socket
from itertools import islice

from .traffic import SHORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .traffic import Traffic


VERB = re.compile(r"[a-z][a-z-]*$")
LINES = 20  # the last ones
BUILT = re.compile(r"(?:Building wheel for|Running setup\.py install for) ([^\s:]+)")
OVER = re.compile(r"finished with status|^Successfully|^Installing collected")
NAMED = re.compile(r"(?://|@)(?:[^/@\s]*@)?([A-Za-z0-9][\w.-]*)")


def called(argv: Sequence[str]) -> str:
    """Give the name of a command as people say it: `apt-get update`, `pip install`, `nginx`."""
    words = argv[argv.index("-m") + 1 :] if "-m" in argv else argv
    verbs = (word for word in words[1:] if VERB.match(word))
    return " ".join([os.path.basename(words[0]), *islice(verbs, 1)])


def of(name: str, lines: Sequence[str], traffic: Traffic, urls: Sequence[str]) -> str:
    """Say what the program `name` is at; `urls` are what it may talk to."""
    if traffic.silent > SHORT and traffic.waits:
        one = traffic.waits[-1]
        return "%s waits for %s" % (name, shown(one.address, one.port, hosts([*urls, *lines])))
    built = compiled(lines)
    if built:
        return "%s compiles %s" % (name, built)
    return "%s is at work" % name + (": " + lines[-1] if lines else "")


def compiled(lines: Sequence[str]) -> str:
    """Give the package that pip compiles by its last lines; empty where it does not."""
    for line in reversed(lines):
        found = BUILT.search(line)
        if OVER.search(line):
            return ""
        if found:
            return found.group(1)
    return ""


def hosts(texts: Sequence[str]) -> list[str]:
    """Give the names of hosts in texts with URLs in them, each once."""
    return list(dict.fromkeys(NAMED.findall("\n".join(texts))))


def shown(address: str, port: int, names: Sequence[str]) -> str:
    """Write a place as people do: by that of the names which leads there."""
    for name in names:
        try:
            entries = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            continue
        if address in {str(entry[4][0]).replace("::ffff:", "") for entry in entries}:
            return name
    return "%s port %d" % (address, port)
