"""What a build misses, and which package of the requirements it is about."""

from __future__ import annotations

import re

from ..app.debian_packages import APT, COMPILER, NEEDED, packages_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..app.advice import Facts, Fill, Words


# Where pip says which package it is about, the best first.
NAMES = (
    r"^╰─> ([\w.-]+)$",
    r"Failed building wheel for ([\w.-]+)",
    r"^ *Building wheel for ([\w.-]+) ",
    r"^ *Collecting ([\w.-]+)",
)
# Names that people require for those that packages have -> what to do instead.
MISNAMED = {
    "beautifulsoup": "require beautifulsoup4 instead",
    "dotenv": "require python-dotenv instead",
    "mysqldb": "require mysqlclient instead",
    "opencv": "require opencv-python-headless instead",
    "pil": "require Pillow instead",
    "pkg-resources": "remove that line: no package of that name is needed",
    "pypiwin32": "remove that line: it is for Windows",
    "pywin32": "remove that line: it is for Windows",
    "sklearn": "require scikit-learn instead",
    "yaml": "require PyYAML instead",
}
SOURCES = {"dbus-python", "mysqlclient", "pycairo", "python-ldap", "uwsgi"}  # that is all there is
VERSION = re.compile(r"[=~><!]=?=?")


def package_in(text: str) -> str:
    """Give the package that pip's lines are about; `a package` where they do not say."""
    for pattern in NAMES:
        found = re.findall(pattern, text, re.MULTILINE)
        if found:
            return str(found[-1])
    return "a package"


def about(words: Words, facts: Facts, text: str) -> Words:
    """Give, as `package`, the package that pip was at work on."""
    return {"package": package_in(text)}


def missing(words: Words, facts: Facts, text: str) -> Words | None:
    """Name the Debian packages with what is missing; where none is known it does not apply."""
    packages = packages_with(words["missing"])
    if not packages:
        return None
    named = package_in(text)
    words_of_apt = (packages + " " + NEEDED.get(named.lower(), COMPILER)).split()
    install = APT % " ".join(dict.fromkeys(words_of_apt)) + ", then deploy again"
    return {"package": named, "next": install + _without_a_build(named, text)}


def _without_a_build(named: str, text: str) -> str:
    if named == "psycopg2":
        return "; or require psycopg2-binary, which needs no build"
    is_pinned = re.search(r"Collecting %s==" % re.escape(named), text, re.IGNORECASE)
    newer = "; or require a newer %s, which may need no build" % named
    return newer if is_pinned and named.lower() not in SOURCES else ""


def misses(what: str, name: str = "") -> Fill:
    """Say of a line that does not name it what is missing; `name` is what people call it."""

    def fill(words: Words, facts: Facts, text: str) -> Words | None:
        found = missing({"missing": what}, facts, text)
        return {**found, "missing": name or what} if found else None

    return fill


def not_for_this_python(words: Words, facts: Facts, text: str) -> Words | None:
    """Apply where the version asked for is among those that pip passed over for their Python."""
    name, *versions = VERSION.split(words["wanted"])
    ignored = re.search(r"different python version: (.*)", text)
    version = re.escape(versions[-1] if versions else "")
    known = version and ignored and re.search(r"(^|[\s;])%s " % version, ignored.group(1))
    return {"package": name} if known else None


def misnamed(words: Words, facts: Facts, text: str) -> Words | None:
    """Apply to names that are known for not being those of a package."""
    name = VERSION.split(words["wanted"].partition("[")[0])[0].lower().replace("_", "-")
    return {"next": MISNAMED[name]} if name in MISNAMED else None
