"""What pip means when it fails."""

from __future__ import annotations

import re

from .handler import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .command import Output

UNREACHABLE = re.compile(
    r"name resolution|Name or service not known|Network is unreachable|NewConnectionError|"
    r"No route to host|Connection (refused|timed out|reset|aborted)|ConnectTimeout|ProxyError|"
    r"SSLError|CERTIFICATE_VERIFY_FAILED|Read timed out"
)
ELSEWHERE = re.compile(r"Failed to connect to|Could not resolve host|Repository not found")  # git's
UNTRUSTED = re.compile(r"not a trusted or secure host")
UNFOUND = re.compile(r"Could not find a version that satisfies the requirement ([^\s;(]+)")
IGNORED = re.compile(r"different python version: (.*)")
BUILD = re.compile(r"subprocess-exited-with-error|Failed building wheel|setup.py egg_info")
WHAT = "the requirements cannot be installed"


def explained(output: Output, python: str) -> Failed:
    """Give the failure that pip's output tells of; `python` is the interpreter's version."""
    errors = [line for line in output.lines if line.lstrip().upper().startswith("ERROR")]
    log = (errors or output.tail())[-15:]
    text = "\n".join(output.lines)
    if UNREACHABLE.search(text):
        why = "pip cannot reach the package index from the host"
        log = [line for line in output.lines if UNREACHABLE.search(line)][-3:]
        return Failed(WHAT, why, log, "check the host's network and DNS, and /etc/pip.conf")
    if ELSEWHERE.search(text):
        why = "a requirement's repository cannot be reached from the host"
        log = [line for line in output.lines if ELSEWHERE.search(line)][-3:]
        return Failed(WHAT, why, log, "check its URL, and the host's network and DNS")
    if UNTRUSTED.search(text):
        why = "pip takes nothing from an index without https"
        log = [line for line in output.lines if UNTRUSTED.search(line)][:1]
        return Failed(WHAT, why, log, "name the index with https")
    if _is_for_another_python(text):
        why = "a package is not made for %s" % python
        return Failed(WHAT, why, log, "require a version that is, or change `python` in hosts.toml")
    unfound = UNFOUND.search(text)
    if unfound:
        why = "there is no package that fits %s (for %s)" % (unfound.group(1), python)
        return Failed(WHAT, why, log, "correct the requirements, commit, and deploy again")
    if BUILD.search(text):
        why = "a package cannot be built on the host; does it need a compiler or a library?"
        return Failed(WHAT, why, output.tail(), "see what the package's page says it needs")
    return Failed(WHAT, log=log, next="correct the requirements, commit, and deploy again")


def _is_for_another_python(text: str) -> bool:
    """Tell whether the version asked for is among those that pip passed over for their Python."""
    unfound, ignored = UNFOUND.search(text), IGNORED.search(text)
    if unfound and ignored:
        version = re.split(r"[=~><!]=?=?", unfound.group(1))[-1]
        return bool(re.search(r"(^|[\s;])%s " % re.escape(version), ignored.group(1)))
    return "requires a different Python" in text
