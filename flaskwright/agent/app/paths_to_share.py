"""Which of an app's paths has to outlive its releases, or to be committed."""

from __future__ import annotations

import posixpath
import re

from ..common.place import APPS
from . import source_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .advice import Facts, Words


RELEASE = re.escape(APPS) + r"/[\w-]+/(?:releases/[\w.-]+|current)/code"
PLAIN = re.compile(r"[\w@+][\w@+ ./-]*$")
KEEPER = re.compile(r"/\.(gitkeep|gitignore|keep)$")  # of a directory that is empty otherwise
WRITES = re.compile(r"/logging/|open\([^)]*[\"'][wax]b?\+?[\"']|makedirs\(|mkdir\(|\.save\(")
KEPT = "what the app writes has to outlive its releases, which cannot be written"
ELSEWHERE = "the app may write below %s alone"
TO_DATA = (
    'env = { DATA = "{shared}" } in hosts.toml, and have the app write below os.environ["DATA"]'
)
NAMED = "of the host's devices an app has those that hosts.toml names"
OUTSIDE = re.compile(r"((?:/mnt|/media|/data|/home/[\w.-]+)(?:/(?!\.\.)[\w@+.-]+)+)/[^/]*$")
TO_WRITE = '; or permissions = { write = ["%s"] } there, where it is meant to write that directory'
TO_URL = (
    'env = { DATABASE_URL = "sqlite:///{shared}/app.db" } in hosts.toml, and have the app read '
    'os.environ["DATABASE_URL"]'
)


def written(words: Words, facts: Facts, text: str) -> Words:
    """Say which path to put into `shared`, for one that the app may not write."""
    path = in_app(words["path"], facts)
    if path and PLAIN.match(path):
        return _to_share(path, facts)
    place = OUTSIDE.match(words["path"])
    more = TO_WRITE % place.group(1) if place else ""
    return {"why": ELSEWHERE % facts.data, "next": TO_DATA + more}


def device(words: Words, facts: Facts, text: str) -> Words | None:
    """Give the line of hosts.toml that gives an app a device, and the group that may use it."""
    path, group = words["path"], facts.group_of(words["path"])
    if ".." in path:
        return None
    if group is None:
        why = "the host has no device %s" % path
        return {"why": why, "next": "plug it in or switch it on (raspi-config), then deploy again"}
    groups = "" if group in ("", "root") else ', groups = ["%s"]' % group
    given = 'permissions = { devices = ["%s"]%s } in hosts.toml, then deploy again'
    return {"why": NAMED, "next": given % (path, groups)}


def pins(words: Words, facts: Facts, text: str) -> Words:
    """Name what gpiozero reaches pins by, where the app requires none of it."""
    listed = facts.text("requirements.txt") + facts.text("pyproject.toml")
    is_there = re.search(r"(?i)lgpio|rpi.gpio|pigpio", listed) or "gpiozero" not in listed
    return {"needed": "" if is_there else "require lgpio, too; and "}


def database(words: Words, facts: Facts, text: str) -> Words:
    """Say the same of a database, whose error names no path."""
    path = source_code.database_in(facts, text)
    if not path:
        return {"why": ELSEWHERE % facts.data, "next": TO_URL}
    why = "its database is %s, beside its code, and releases cannot be written" % path
    return {**_to_share(path, facts), "why": why}


def read(words: Words, facts: Facts, text: str) -> Words | None:
    """Say why a file of the app's is not there: it is not committed, or is written otherwise."""
    path = in_app(words["path"], facts)
    if path is None:
        return None
    return written(words, facts, text) if WRITES.search(text) else _absent(path, facts)


def _absent(path: str, facts: Facts) -> Words:
    there = facts.of_app()
    alike = [one for one in there if one.lower() == path.lower()]
    if path in there:
        how = "build its path from app.root_path, commit, and deploy again"
        return {"why": "the commit has it, and the app looks elsewhere", "next": how}
    if alike:
        why = "the commit has %s: on Linux capital letters are other letters" % alike[0]
        return {"why": why, "next": "write it the same way, commit, and deploy again"}
    if path.split("/", maxsplit=1)[0] in [one.rstrip("/") for one in facts.shared]:
        how = "put it to %s/%s on the host, or have the app make it" % (facts.data, path)
        return {"why": "it is among what outlives releases, and not there yet", "next": how}
    how = "commit it, or leave it out of .gitignore; what is secret comes from `env` in hosts.toml"
    return {"why": "the commit has no %s" % path, "next": how}


def template(words: Words, facts: Facts, text: str) -> Words | None:
    """Say why a template that Flask has not found is not there: see `read`."""
    return read({"path": "templates/" + words["path"]}, facts, text)


def in_app(path: str, facts: Facts) -> str | None:
    """Give a path in the app's directory; None for one elsewhere."""
    if not path.startswith("/"):
        within = posixpath.normpath(path)
        return None if within.startswith("..") else within
    top = re.escape("/" + facts.directory) if facts.directory else ""
    places = [RELEASE, re.escape(facts.place)] if facts.place else [RELEASE]
    found = re.match("(?:%s)%s/(.+)$" % ("|".join(places), top), path)
    return posixpath.normpath(found.group(1)) if found else None


def _to_share(path: str, facts: Facts) -> Words:
    kept = outliving(path, facts)
    if kept.rstrip("/") in [one.rstrip("/") for one in facts.shared]:
        why = "%s outlives releases already, and the app may not write it" % kept
        return {"why": why, "next": "look who owns it: ./fab run 'ls -la %s'" % kept.rstrip("/")}
    more = unshared(facts)
    within = [one for one in more if _holds(path, one)]
    kept = within[0] if within else kept  # the directory above is made on the way there
    more = [one for one in more if not _holds(kept, one)]
    return {"why": KEPT, "next": "%s in hosts.toml, then deploy again" % shares(facts, kept, *more)}


def _holds(directory: str, path: str) -> bool:
    return (path.rstrip("/") + "/").startswith(directory.rstrip("/") + "/")


def shares(facts: Facts, *paths: str) -> str:
    """Give the line of hosts.toml with the key `shared`, these paths added to it."""
    return "shared = [%s]" % ", ".join('"%s"' % one for one in (*facts.shared, *paths))


def unshared(facts: Facts) -> list[str]:
    """Give what else the app's code says that it writes beside itself: a database, uploads."""
    named = [path + "/" for path in source_code.uploads_in(facts)]
    database = source_code.database_in(facts, "", is_fixed=True)
    named += [outliving(database, facts)] if database else []
    shared = [one.rstrip("/") + "/" for one in facts.shared]
    return [one for one in named if not (one.rstrip("/") + "/").startswith(tuple(shared))]


def outliving(path: str, facts: Facts) -> str:
    """Give what of a path to share: the highest directory that has no files of the commit.

    One that holds what is shared already would be shared twice.
    """
    parts, there = path.split("/"), [one for one in facts.of_app() if not KEEPER.search(one)]
    apart = [one.rstrip("/") for one in facts.shared]
    for number in range(1, len(parts)):
        top = "/".join(parts[:number]) + "/"
        if not any(one.startswith(top) for one in (*there, *apart)):
            return top
    is_file = "." in parts[-1] or path in there
    return path if is_file else path + "/"
