"""What an app says that it requires, found in a commit without checking it out."""

from __future__ import annotations

import posixpath
import re

from ..engine.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Read = Callable[[str], "str | None"]  # path in the repository -> its text


PROJECT = "pyproject.toml"
NAMES = (
    "requirements.txt",
    "requirements/production.txt",
    "requirements/prod.txt",
    "requirements/base.txt",
    "py3requirements.txt",
    PROJECT,
)

# pip's requirements file format: https://pip.pypa.io/en/stable/reference/requirements-file-format/
_COMMENT = re.compile(r"(^|\s)#.*$")
_NESTED = re.compile(r"(?:-([rc])\s*|--(requirement|constraint)(?:\s+|=))(.+)")
_PATH_OPTION = re.compile(r"(-e\s*|--editable(?:\s+|=)|-f\s*|--find-links(?:\s+|=))")
_EDITABLE = re.compile(r"(?m)^\s*(?:-e\s*|--editable(?:\s+|=))(?![a-z+]+://|[a-z]+\+)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ARCHIVE = re.compile(r"\.(whl|zip|tar|tgz|tar\.(gz|bz2|xz))$")
_GUNICORN = re.compile(r"(?mi)^\s*gunicorn\s*(?:$|[\[<>=!~;@#\\ ])")
PROJECT_TABLE = re.compile(r"(?m)^\s*\[\s*project\s*\]")
BUILD_TABLE = re.compile(r"(?m)^\s*\[\s*build-system\s*\]")
_OWN_TABLE = re.compile(r"(?m)^\s*\[\s*tool\.(poetry\.dependencies|flit\.metadata)\s*\]")
_PATH = re.compile(r"\bpath\s*=")
_DYNAMIC = re.compile(r"\bdynamic[\"']?\s*=\s*\[[^\]]*[\"']dependencies[\"']")

# For the interpreter of an environment: tomllib is there from Python 3.11 on; before that, pip has
# one of the others in it.
READ_TOML = """
import sys
try:
    import tomllib as toml
except ImportError:
    try:
        from pip._vendor import tomli as toml
    except ImportError:
        try:
            from pip._vendor import toml
        except ImportError:
            import toml
"""


class Declared:
    """The files that say it, by path in the repository; the first one is where pip begins.

    base: the directory that pip is started in. code: the app's own code is installed too, or
    files beside it, so that each commit is another installation. built: the project's own build
    alone tells what it requires. gunicorn: what is required beside it all.
    """

    def __init__(self, base: str, files: dict[str, str]) -> None:
        self.base = base
        self.files = files
        texts = files.values()
        self.hashed = any("--hash" in text for text in texts)
        self.brings_gunicorn = any(_GUNICORN.search(text) for text in texts)
        self.gunicorn = _gunicorn("\n".join(texts))
        self.built = self.project and not _static(self.entry_text)
        self.code = (self.built and not _listed(self.entry_text)) or self._uses_paths()

    @property
    def entry(self) -> str:
        """The path of the first file; empty where nothing is declared."""
        return next(iter(self.files), "")

    @property
    def entry_text(self) -> str:
        """The text of the file that declares the app: requirements, or pyproject.toml."""
        return self.files.get(self.entry, "")

    @property
    def project(self) -> bool:
        """Whether the app is declared by its pyproject.toml."""
        return self.entry.endswith(".toml")

    def installable(self) -> dict[str, str]:
        """Give the files for an installation that stays when the code goes: nothing editable."""
        return {path: _EDITABLE.sub("", text) for path, text in self.files.items()}

    def _uses_paths(self) -> bool:
        lists = [text for path, text in self.files.items() if not path.endswith(".toml")]
        used = [path for text in lists for path in map(_local_path, _lines(text)) if path]
        for path in used:
            _inside(self.base, path)
        return bool(used)


def find(read: Read, directory: str, given: str | None) -> Declared:
    """Find the requirements of the app in `directory`: the given file, or the first usual one.

    Looks in the app's directory, then in those above it. Raises Failed for a given file that is
    not there, and for a path that leaves the repository.
    """
    for base in upwards(directory):
        for name in (given,) if given else NAMES:
            path = _inside(base, name)
            text = read(path)
            if text is not None and (given or _declares(path, text)):
                _must_be_text(path, text)
                return Declared(base, _with_nested(read, path, text))
    if given:
        raise Failed(
            "the commit has no file %s" % posixpath.join(directory, given),
            next="check `requirements` in hosts.toml, and whether the file is committed",
        )
    return Declared(directory, {})


def _gunicorn(text: str) -> str:
    """Give what to require beside the app: for workers of gevent it needs more.

    Since 26 there are none of eventlet, which Flask-SocketIO takes where that is there.
    """
    extra = "[gevent]" if _lists("gevent", text) else ""
    return "gunicorn%s%s" % (extra, "<26" if _lists("eventlet", text) else "")


def _lists(name: str, text: str) -> bool:
    listed = r"(?mi)(?:^\s*|[\"'])%s\s*(?:$|[\[<>=!~;@#\\ \"'])" % name
    return re.search(listed, text) is not None


def _must_be_text(path: str, text: str) -> None:
    if "\0" in text:
        raise Failed(
            "%s is no text that pip could read" % path,
            "it has zero bytes in it, as UTF-16 has that does not say so in its first bytes",
            next="save it as UTF-8 (in PowerShell: pip freeze | Out-File -Encoding utf8 %s), "
            "commit, and deploy again" % path,
        )


def upwards(directory: str) -> Iterator[str]:
    """Give a directory of the repository, then those above it; "" is the repository's own."""
    while directory:
        yield directory
        directory = posixpath.dirname(directory)
    yield ""


def _declares(path: str, text: str) -> bool:
    """Tell whether a file says what is required: a pyproject.toml may only configure tools."""
    tables = (PROJECT_TABLE, BUILD_TABLE)
    return not path.endswith(".toml") or any(table.search(text) for table in tables)


def _static(text: str) -> bool:
    """Tell whether a pyproject.toml lists its dependencies, as opposed to its build saying them."""
    return bool(PROJECT_TABLE.search(text)) and not _DYNAMIC.search(text)


def _listed(text: str) -> bool:
    """Tell whether a builder finds all that is required in that file, in a form of its own."""
    return bool(_OWN_TABLE.search(text)) and not (PROJECT_TABLE.search(text) or _PATH.search(text))


def _with_nested(read: Read, entry: str, text: str) -> dict[str, str]:
    """Give the file and those that it names with -r and -c, and so on."""
    files, todo = {entry: text}, [] if entry.endswith(".toml") else [entry]
    while todo:
        path = todo.pop()
        for name in _nested(files[path]):
            inner = _inside(posixpath.dirname(path), name)
            if inner in files:
                continue
            found = read(inner)
            if found is None:
                what = "%s names %s, which the commit does not have" % (path, inner)
                raise Failed(what, next="commit the file, or correct %s" % path)
            files[inner] = found
            todo.append(inner)
    return files


def _nested(text: str) -> list[str]:
    matches = [_NESTED.match(line) for line in _lines(text)]
    names = [match.group(3).strip("\"' ") for match in matches if match]
    return [name for name in names if not _URL.match(name)]


def _lines(text: str) -> list[str]:
    whole = re.sub(r"\\\r?\n", " ", text).splitlines()  # as pip does: what it takes for one is one
    lines = [_COMMENT.sub("", line).strip() for line in whole]
    return [line for line in lines if line]


def _local_path(line: str) -> str:
    """Give the path of a line that installs from the file system; empty for any other line."""
    option = _PATH_OPTION.match(line)
    rest = line[option.end() :] if option else line
    if rest.startswith("-"):
        return ""
    target = rest.partition(" @ ")[2] or rest
    word = target.partition(";")[0].partition(" ")[0].strip("\"'")
    if word.startswith("file:"):
        return re.sub("^file:(//)?", "", word)
    if _URL.match(word):
        return ""
    word = word.split("[")[0]
    is_path = option or "/" in word or word.startswith(".") or _ARCHIVE.search(word)
    return word if is_path else ""


def _inside(base: str, path: str) -> str:
    """Give the path in the repository; raises Failed where it leaves it."""
    joined = posixpath.normpath(posixpath.join(base, path))
    if joined.startswith(("/", "../")) or joined == "..":
        raise Failed("the requirements name %s, which is outside of the repository" % path)
    return "" if joined == "." else joined
