"""Paths in hosts.toml: below the app, in URLs, and the interpreter's."""

from __future__ import annotations

from .values import Refusal, Text, when

UNPRINTABLE = "may not hold control or invisible characters"
SEGMENT = "[A-Za-z0-9._@+-]+"
BELOW = f"{SEGMENT}(?:/+{SEGMENT})*/*"
URL_SEGMENT = "[A-Za-z0-9._~-]+"


def unprintable(text: str) -> str | None:
    """Refuse what a terminal or an editor would not show as it is."""
    return None if text.isprintable() else UNPRINTABLE


def climbing(text: str) -> str | None:
    """Refuse what leads upwards."""
    return 'may not hold "..": it would leave its place' if ".." in text.split("/") else None


def _everything(path: str) -> str | None:
    return None if tidy(path).strip("/") else "should name something below the app's directory"


def tidy(path: str) -> str:
    """Return a relative path without `.` and doubled slashes; one slash at its end stays."""
    parts = "/".join(part for part in path.split("/") if part not in ("", "."))
    return f"{parts}/" if parts and path.endswith("/") else parts


def _bare(path: str) -> str:
    return tidy(path).rstrip("/")


RELATIVE: tuple[Refusal, ...] = (
    unprintable,
    when("^/", 'should be relative, without "/" at its beginning'),
    when("^~", 'should be relative; "~" has no meaning here'),
    when("^-", 'may not begin with "-": programs would take it for an option'),
    when(r"\\", r'should have "/" between its parts, and no "\"'),
    climbing,
)
DATA = "a relative path"
# These two are written into nginx's site, where a space, `;`, `{` or `$` would end the word or
# mean something else.
WRITTEN = "a relative path of letters, digits and . _ @ + - (it is written into the site's files)"
DIRECTORY = Text(WRITTEN, f"(?:{BELOW})?", *RELATIVE, tidy=_bare, label=DATA)
STATIC_PATH = Text(WRITTEN, BELOW, *RELATIVE, _everything, tidy=tidy, label=DATA)
# These travel as data only, so a space is a character like any other.
SHARED_PATH = Text(DATA, r"[^\x00-\x1f\x7f]+", *RELATIVE, _everything, tidy=tidy)
FILE = Text(DATA, r"[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f/]", *RELATIVE, _everything, tidy=tidy)
URL_PATH = Text(
    'a path of a URL: "/" first, then letters, digits and . _ ~ - /',
    f"/(?:{URL_SEGMENT}/)*(?:{URL_SEGMENT})?",
    when(r"(^|/)\.\.?(/|$)", 'may not hold "." or ".." as a part'),
    label="a URL's path",
)
STATIC_URL = Text(
    URL_PATH.words,
    URL_PATH.pattern,
    *URL_PATH.refusals,
    when("^/$", "would hide the whole app"),
    when(r"^/\.well-known/(acme-challenge/.*)?$", "the certificate authority asks here"),
    label=URL_PATH.label,
)
PYTHON = Text(
    "the name or the absolute path of an interpreter",
    "[A-Za-z0-9][A-Za-z0-9._+-]*|(?:/[A-Za-z0-9._+-]+)+",
    climbing,
)
LOCAL_FILE = Text("a path beside hosts.toml", r"[^\x00-\x1f\x7f]+", unprintable)
