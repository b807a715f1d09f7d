"""How git is called on a host: by a configuration of our own, with nothing run that others name.

The app's repository is root's, but what is in it is a stranger's: attributes name filters, and a
server may name another one to go to. What an administrator has configured, such as a proxy or a
login of root's, is heard only by the calls that talk to the repository's server.
"""

from __future__ import annotations

SETTINGS = (
    *("safe.bareRepository=explicit", "core.hooksPath=/dev/null", "core.fsmonitor=false"),
    *("core.attributesFile=/dev/null", "protocol.ext.allow=never", "gc.autoDetach=false"),
    *("submodule.recurse=false", "fetch.recurseSubmodules=false"),
)
SLOW = ("http.lowSpeedLimit=1", "http.lowSpeedTime=120")  # bytes a second, seconds
ENVIRONMENT = {
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
# The last two are for git before 2.32, which does not know the second.
ALONE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "HOME": "/nonexistent",
    "XDG_CONFIG_HOME": "/nonexistent",
}


def argv(path: str, arguments: tuple[str, ...]) -> list[str]:
    """Give the command line of git for the bare repository at `path`."""
    settings = [word for setting in SETTINGS + SLOW for word in ("-c", setting)]
    return ["git", *settings, "--git-dir=" + path, *arguments]


def environment(url: str | None) -> dict[str, str]:
    """Give what git finds in its environment; url: the repository's that it may talk to."""
    if url is None:
        return dict(ENVIRONMENT, GIT_ALLOW_PROTOCOL="none", **ALONE)
    return dict(ENVIRONMENT, GIT_ALLOW_PROTOCOL=protocols(url))


def protocols(url: str) -> str:
    """Give the URL's own protocol and the safe ones, which an administrator's insteadOf may name.

    No server can lead git to another one: not into a file of the host, nor to a program.
    """
    scheme, colon, _ = url.partition("://")
    own = scheme if colon else "ssh" if ":" in url.partition("/")[0] else "file"
    return ":".join(sorted({own, "https", "ssh"}))
