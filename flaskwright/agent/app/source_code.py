"""What an app's code says of itself, found in its text: it is never run, and never parsed."""

from __future__ import annotations

import posixpath
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .advice import Facts


MOST = 60  # files that are looked through
APP = re.compile(
    r"(?m)^(\w+)\s*(?::[^=\n]+)?=\s*(?:[\w.]*\bFlask|(?:[\w.]+\.)?(?:create|make)_app)\("
)
FACTORY = re.compile(r"(?m)^def ((?:create|make|build|get)_(?:app|application|server))\(")
RUN = re.compile(r"(?m)^(?:\w+\.)?(?:app|application|socketio|server|\w*[aA]pp)\.run\(")
DATABASE = re.compile(
    r"sqlite:///(?!/)([\w][\w./ -]*)|connect\(\s*[rf]?[\"']([\w./ -]+)[\"']|"
    r"[\"']([\w][\w./ -]*\.(?:db|db3|sqlite|sqlite3))[\"']"
)
# What photos and the like are kept in, by the names that everybody gives it.
UPLOADS = re.compile(
    r"(?im)^[^#\n]*\b\w*(?:upload|media)\w*[\"']?\]?\s*=\s*"
    r"(?:[rf]?[\"'](\w[\w./-]*)[\"']|os\.path\.join\((?:[\w.]+,\s*)?((?:[\"']\w[\w./-]*[\"'],?\s*)+)\))\s*(?:#|$)"
)
VARIABLE = re.compile(r"environ|getenv|config\.get\(|env\(")
OLD_EXTENSION = re.compile(r"(?im)^flask[-_]sqlalchemy\s*[=~<]=?\s*[12]\b")


def module_path(facts: Facts, module: str) -> str:
    """Give the file of a module in the app's directory; empty for none."""
    base, files = module.replace(".", "/"), facts.of_app()
    return next((path for path in (base + ".py", base + "/__init__.py") if path in files), "")


def callable_in(text: str) -> str:
    """Give what gunicorn can run of a module, as `wsgi` names it: `app`, `create_app()`."""
    found = APP.search(text)
    if found:
        return found.group(1)
    factory = FACTORY.search(text)
    return factory.group(1) + "()" if factory else ""


def elsewhere(facts: Facts) -> tuple[str, str]:
    """Give another file with a Flask app in it, and what it is called there; empty for none."""
    for path in _modules(facts):
        name = callable_in(facts.text(path))
        if name:
            return path, name
    return "", ""


def as_module(path: str) -> str:
    """Give the name by which a file is imported."""
    return re.sub(r"(/__init__)?\.py$", "", path).replace("/", ".")


def runs_when_imported(text: str) -> bool:
    """Tell whether a module starts a server of its own at its top level."""
    return bool(RUN.search(text))


def database_in(facts: Facts, trace: str, is_fixed: bool = False) -> str:
    """Give the path, in the app's directory, of its SQLite database; empty where it names none.

    The lines of its own in a traceback go before the rest of its code. Flask-SQLAlchemy 3 has
    relative ones in `instance`. is_fixed: one that a variable can put elsewhere does not count.
    """
    texts = [trace, *map(facts.text, _modules(facts))]
    for text in map(_fixed, texts) if is_fixed else texts:
        for found in DATABASE.finditer(text):
            path = posixpath.normpath(next(filter(None, found.groups())))
            if path.startswith(("/", "..")) or "memory" in path:
                continue
            return _in_instance(facts, text, path) if found.group(1) else path
    return ""


def uploads_in(facts: Facts) -> list[str]:
    """Give the directories in the app's directory that its code says uploads go to."""
    found = []
    for text in map(_fixed, map(facts.text, _modules(facts))):
        for plain, parts in UPLOADS.findall(text):
            path = posixpath.normpath(plain or "/".join(re.findall(r"[\w./-]+", parts)))
            found += [] if path.startswith(("/", "..")) or path == "." else [path]
    return list(dict.fromkeys(found))


def _fixed(text: str) -> str:
    """Leave out the lines that read a variable."""
    return "\n".join(line for line in text.split("\n") if not VARIABLE.search(line))


def _in_instance(facts: Facts, text: str, path: str) -> str:
    uses_extension = any("flask_sqlalchemy" in facts.text(one) for one in _modules(facts))
    is_old = OLD_EXTENSION.search(facts.text("requirements.txt"))
    return "instance/" + path if uses_extension and not is_old else path


def _modules(facts: Facts) -> list[str]:
    """Give the app's Python files, those at the top first, without tests."""
    found = [path for path in facts.of_app() if path.endswith(".py") and "test" not in path]
    return sorted(found, key=lambda path: (path.count("/"), path))[:MOST]
