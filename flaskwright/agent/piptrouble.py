"""What pip means when it fails."""

from __future__ import annotations

import re

from .handler import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .command import Output

# What pip, and git for it, say; what it means; what helps.
TROUBLES = (
    (
        r"name resolution|Name or service not known|Network is unreachable|NewConnectionError|"
        r"No route to host|Connection (refused|timed out|reset|aborted)|ConnectTimeout|ProxyError|"
        r"SSLError|CERTIFICATE_VERIFY_FAILED|Read timed out",
        "pip cannot reach the package index from the host",
        "check the host's network and DNS, and /etc/pip.conf",
    ),
    (
        r"Failed to connect to|Could not resolve host|Repository not found",
        "a requirement's repository cannot be reached from the host",
        "check its URL, and the host's network and DNS",
    ),
    (
        r"not a trusted or secure host",
        "pip takes nothing from an index without https",
        "name the index with https",
    ),
)
UNFOUND = re.compile(r"Could not find a version that satisfies the requirement ([^\s;(]+)")
IGNORED = re.compile(r"different python version: (.*)")
BUILD = re.compile(r"subprocess-exited-with-error|Failed building wheel|setup.py egg_info")
WHAT = "the requirements cannot be installed"


def explained(output: Output, python: str) -> Failed:
    """Give the failure that pip's output tells of; `python` is the interpreter's version."""
    for pattern, why, advice in TROUBLES:
        found = [line for line in output.lines if re.search(pattern, line)]
        if found:
            return Failed(WHAT, why, found[-3:], advice)
    errors = [line for line in output.lines if line.lstrip().upper().startswith("ERROR")]
    text, advice = "\n".join(output.lines), "correct the requirements, commit, and deploy again"
    if BUILD.search(text):
        why = "a package cannot be built on the host; does it need a compiler or a library?"
        return Failed(WHAT, why, output.tail(), "see what the package's page says it needs")
    return Failed(WHAT, _misfit(text, python), (errors or output.tail())[-15:], advice)


def _misfit(text: str, python: str) -> str:
    """Say which requirement no package fits, or that one is not for this Python."""
    unfound = UNFOUND.search(text)
    if _is_for_another_python(text):
        return "a package is not made for %s; `python` in hosts.toml names another" % python
    return (
        "there is no package that fits %s (for %s)" % (unfound.group(1), python) if unfound else ""
    )


def _is_for_another_python(text: str) -> bool:
    """Tell whether the version asked for is among those that pip passed over for their Python."""
    unfound, ignored = UNFOUND.search(text), IGNORED.search(text)
    if unfound and ignored:
        version = re.split(r"[=~><!]=?=?", unfound.group(1))[-1]
        return bool(re.search(r"(^|[\s;])%s " % re.escape(version), ignored.group(1)))
    return "requires a different Python" in text
