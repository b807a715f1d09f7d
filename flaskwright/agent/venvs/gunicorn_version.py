"""Which gunicorn: the first that can be started, and the one for a lock with hashes without one.

What is added to such a lock is pinned as well. Hashes are those of the wheels on PyPI. The older
gunicorn is the last one for Python before 3.10.
"""

from __future__ import annotations

import re

from ..engine.errors import Failed

# By the package that each adds, where the lock has none; in pip's requirements file format.
PINS = {
    "gunicorn": (
        'gunicorn==27.0.1 ; python_version >= "3.10" '
        "--hash=sha256:378b26b9a38adcf4592f28828233c1716acc55e833ea06bf48719782efaa0d10\n"
        'gunicorn==23.0.0 ; python_version < "3.10" '
        "--hash=sha256:ec400d38950de4dfd418cff8328b2c8faed0edb0d517d3394e457c317908ca4d\n"
    ),
    "packaging": (
        'packaging==24.0 ; python_version < "3.10" '
        "--hash=sha256:2ddfb553fdf02fb784c234c7ba6ccc288296ceabec964ad2eae3777778130bc5\n"
    ),
}

FIRST = (20, 1, 0)  # its settings are the first that may name the app
# A line of pip's requirements file format, or a string of pyproject.toml; one with a marker may be
# for another Python.
_LISTED = re.compile(
    r"""(?mi)(?:^|["'])\s*(gunicorn\s*(?:\[[^\]]*\]\s*)?)((?:[<>=!~]=?=?\s*[\w.*]+\s*,?\s*)+)(?![^\n"']*;)"""
)
_CLAUSE = re.compile(r"([<>=!~]=?=?)\s*([\w.*]+)")


def must_start(name: str, text: str) -> None:
    """Raise Failed where the text of a file of requirements asks for a gunicorn that is too old."""
    for found in _LISTED.finditer(text):
        if any(_leaves_none(*clause) for clause in _CLAUSE.findall(found.group(2))):
            raise too_old("%s asks for %s" % (name, "".join(found.groups()).strip()), name)


def is_too_old(version: str) -> bool:
    """Tell whether a version that is installed cannot be started."""
    return _numbers(version) < FIRST


def too_old(what: str, name: str = "the requirements") -> Failed:
    """Make the Failed of a gunicorn before 20.1; `name`: the file that asks for it."""
    return Failed(
        what + ", and 20.1 is the first that can be started here",
        "older ones take no name of an app from their settings",
        next="write gunicorn>=20.1 in %s, commit, and deploy again" % name,
    )


def _leaves_none(how: str, version: str) -> bool:
    """Tell whether a clause (PEP 440) leaves no version that can be started."""
    numbers = _numbers(version)
    if how in ("==", "===", "<="):
        return numbers < FIRST
    if how == "~=":
        return numbers < FIRST and version.count(".") > 1
    return how == "<" and numbers <= FIRST


def _numbers(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in re.findall(r"\d+", version)]
    return tuple([*parts, 0, 0, 0][:3])
