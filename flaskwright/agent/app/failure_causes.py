"""What an app misses: its callable, a module, a variable, a file, a library of the host."""

from __future__ import annotations

import posixpath
import re

from . import source_code
from .debian_packages import APT, packages_with
from .distributions import REMOVED, distribution_of, gone_from_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .advice import Facts, Fill, Words


OLDER = "require a newer version of what imports it; or name an older interpreter of the host: "
SECRET = re.compile("SECRET|PASSWORD|PASSWD|TOKEN|KEY|PRIVATE|CREDENTIAL")
BELOW = ("src", "app", "backend", "server", "web")  # where apps lie that are not at the top
LIST = re.compile(r"(py3)?requirements(/\w+)?\.txt$")
# Files that say what is required and are not read -> what makes of them one that is.
UNREAD = {
    "uv.lock": "uv export --no-dev --no-emit-project -o requirements.txt",
    "poetry.lock": "poetry export -f requirements.txt -o requirements.txt",
    "pdm.lock": "pdm export --prod -o requirements.txt",
    "Pipfile.lock": "pipenv requirements > requirements.txt",
    "Pipfile": "pipenv requirements > requirements.txt",
    "environment.yml": "pip freeze > requirements.txt",
    "setup.py": "echo . > requirements.txt",
}
KEY = 'wsgi = "%s:%s" in hosts.toml, then deploy again'
POETRY = "poetry export -f requirements.txt -o requirements.txt"
WHERE = "where you write the app: %s; commit that file, and deploy again"
DATABASE_URL = "sqlite:///{shared}/app.db"
READS = r"(?:environ\.get|environ\[|getenv\(|environ\.get\()\s*\(?[\"'](%s)[\"']"


def attribute(words: Words, facts: Facts, text: str) -> Words:
    """Name the callables of a module that has none of the name in `wsgi`."""
    path = source_code.module_path(facts, facts.module) or facts.module
    there = source_code.callable_in(facts.text(path))
    said = '%s has no "%s"' % (path, words["name"])
    if not there:
        return {"said": said, "next": another_module(facts)}
    return {
        "said": '%s; it has "%s"' % (said, there.rstrip("()")),
        "next": KEY % (facts.module, there),
    }


def another_module(facts: Facts) -> str:
    """Give the keys that lead to a Flask app somewhere else in the app's directory."""
    path, name = source_code.elsewhere(facts)
    if not path:
        return 'name what makes the app: wsgi = "MODULE:CALLABLE" in hosts.toml'
    if not path.startswith("src/") or facts.installed:
        path = path[4:] if path.startswith("src/") else path
        return KEY % (source_code.as_module(path), name)
    directory = posixpath.join(facts.directory, "src")
    return 'directory = "%s" and ' % directory + KEY % (source_code.as_module(path[4:]), name)


def names_no_app(words: Words, facts: Facts, text: str) -> Words:
    """Name the keys of hosts.toml that lead to a Flask app, for a `wsgi` that names none."""
    return {"next": another_module(facts)}


def of_the_factory(words: Words, facts: Facts, text: str) -> Words | None:
    """Let a rule apply where the function that failed is the factory that `wsgi` calls."""
    return {} if words["name"] in facts.wsgi else None


def own_server(words: Words, facts: Facts, text: str) -> Words:
    """Name the file that starts a server; the app's module, where it shows that it does."""
    path = source_code.module_path(facts, facts.module)
    named = path if source_code.runs_when_imported(facts.text(path)) else "the app"
    return {"said": "%s calls app.run() when it is imported" % named}


def module(words: Words, facts: Facts, text: str) -> Words:
    """Say of a module that cannot be imported where it is, or what brings it."""
    name = words["name"]
    version = gone_from_python(name)
    if version and not source_code.module_path(facts, name.split(".")[0]):
        why = "Python has no %s from %s on, and this is %s" % (name, version, facts.python)
        return {"why": why, "next": OLDER + "`python` in hosts.toml"}
    return _of_its_own(name.split(".")[0], facts) or _required(name, facts)


def _of_its_own(top: str, facts: Facts) -> Words | None:
    is_there = source_code.module_path(facts, top)
    for directory in BELOW:
        if not is_there and source_code.module_path(facts, directory + "." + top):
            why = "%s is below %s/, and nothing leads there" % (top, directory)
            if facts.installed:
                why = "%s is below %s/, and not in what the project installs" % (top, directory)
            key = posixpath.join(facts.directory, directory)
            return {"why": why, "next": 'directory = "%s" in hosts.toml, then deploy again' % key}
    if top == facts.module.split(".")[0] and not is_there:
        why = "`wsgi` in hosts.toml is %s, and the commit has no %s.py" % (facts.wsgi, top)
        return {"why": why, "next": another_module(facts)}
    return None


def _required(name: str, facts: Facts) -> Words:
    """Say that a module is not required, or that what says so is not read."""
    there, project = facts.of_app() or facts.files, facts.text("pyproject.toml")
    top = name.split(".", maxsplit=1)[0]
    listed = [path for path in there if LIST.match(path)]
    if "[project]" in project:
        listed.append("`dependencies` in pyproject.toml")
    unread = [(path, how) for path, how in UNREAD.items() if path in there]
    if "tool.poetry" in project:
        unread.append(("pyproject.toml", POETRY))
    if unread and not listed:
        why = "%s says what the app requires, and this version does not read it" % unread[0][0]
        return {"why": why, "next": WHERE % unread[0][1]}
    alike = [
        path
        for path in there
        if path.lower() in (top.lower() + ".py", top.lower() + "/__init__.py")
    ]
    if alike:
        why = "the commit has %s: on Linux capital letters are other letters" % alike[0]
        return {"why": why, "next": "write it the same way, commit, and deploy again"}
    line, wanted = "add a line %s to %s", distribution_of(name)
    own = "" if wanted != top else "; or commit %s.py, if it is one of the app's own" % top
    if listed:
        why = "it is not installed: %s does not name it" % listed[0]
        return {"why": why, "next": line % (wanted, listed[0]) + own + "; then deploy again"}
    why = "the commit has no requirements.txt, so that Flask is all that is installed"
    new = line % (wanted, "a new requirements.txt, and one for flask") + own
    return {"why": why, "next": new + "; then deploy again"}


def library(words: Words, facts: Facts, text: str) -> Words:
    """Name the Debian package with a library that something loads."""
    missing = words["missing"].split("/")[-1]
    packages = packages_with(missing)
    how = (
        APT % packages + ", then deploy again" if packages else "look for it on packages.debian.org"
    )
    return {"next": how}


def removed(words: Words, facts: Facts, text: str) -> Words | None:
    """Apply to names that newer versions of a package have no more."""
    pin = REMOVED.get(words["name"])
    if not pin:
        return None
    package = re.split("[<>=]", pin)[0]
    why = "the newest %s was installed, and has no %s any more" % (package, words["name"])
    return {"why": why, "next": "require %s, or newer versions of what uses it" % pin}


def variable(words: Words, facts: Facts, text: str) -> Words | None:
    """Say how a variable is set; keys of other things are not meant."""
    is_one = re.search(r"environ|getenv|<frozen os>|decouple|EnvError|config\(|not set", text)
    return setting(words["name"]) if is_one else None


def setting(name: str) -> Words:
    """Give, as `next`, the line of hosts.toml that sets a variable, or its secret."""
    why, entry = "the app's environment has no %s" % name, name.lower()
    if SECRET.search(name):
        how = 'env = { %s = "secret:APP/%s" } in hosts.toml, then ./fab secrets.set APP %s'
        made = " --generate" if "SECRET" in name else ""
        return {"why": why, "next": how % (name, entry, entry) + made + ", then deploy again"}
    value = DATABASE_URL if re.search("DATABASE|SQL", name) else "VALUE"
    how = 'env = { %s = "%s" } in hosts.toml, then deploy again'
    return {"why": why, "next": how % (name, value)}


def sets(name: str) -> Fill:
    """Make a rule's `fill` that gives the line of hosts.toml which sets the variable `name`."""
    return lambda words, facts, text: setting(name)


def none_for_a_variable(words: Words, facts: Facts, text: str) -> Words | None:
    """Find the variable that was read, and is not there, where None was not expected."""
    found = re.search(READS % r"\w+", text)
    return setting(found.group(1)) if found else None


def database_url(words: Words, facts: Facts, text: str) -> Words:
    """Find the variable that the app reads its database's URL from."""
    code = text + facts.text(source_code.module_path(facts, facts.module))
    found = re.search(READS % r"\w*(?:DATABASE|SQL|DB_)\w*", code)
    return setting(found.group(1) if found else "DATABASE_URL")


def with_executed_memory(words: Words, facts: Facts, text: str) -> Words | None:
    """Apply where the lines about an error show that it is memory that was asked for."""
    return {} if re.search(r"PROT_EXEC|mmap\(|callback\(|CFUNCTYPE", text) else None


def answer(words: Words, facts: Facts, text: str) -> Words:
    """Say what an answer to the health path means."""
    if words["status"] == "404":
        how = 'health = "/A-PAGE-IT-HAS" in hosts.toml, then deploy again'
        return {"why": "it has no such page", "next": how}
    if words["status"] in ("401", "403"):
        how = (
            'health = "/A-PAGE-FOR-ALL" in hosts.toml, one that wants no login; or, where that is '
            'as it should be: health = {{ path = "{path}", status = [200, {status}] }}'
        )
        return {"why": "that page is not for everybody", "next": how.format(**words)}
    usual = "correct it (or `health` in hosts.toml), commit, and deploy again"
    return {"why": "it has left no word why", "next": usual}
