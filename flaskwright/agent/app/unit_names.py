"""The names of units of ours. Those of apps have no dot, so that no app can be named like one."""

from __future__ import annotations

# what earlier versions named them, and their operators and releases still do
EARLIER = {"transaction": "flaskwright-%s", "canary": "flaskwright-canary-%s"}


def ours(what: str, app: str) -> str:
    """Give the name of what is done for an app, without its suffix."""
    return "flaskwright.%s.%s" % (what, app)


def known(what: str, app: str) -> list[str]:
    """Give that name, and the one that it has in what an earlier version made or still does."""
    return [ours(what, app), EARLIER[what] % app]
