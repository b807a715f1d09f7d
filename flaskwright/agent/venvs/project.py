"""The project itself: whether a commit is a package that is installed, and which directory of it.

Read from its files without running anything; what only configures tools, or lists dependencies of
an app that is run where it lies, is none.
"""

from __future__ import annotations

import glob
import os
import re

from ..system import disk
from .declared import BUILD_TABLE, PROJECT, PROJECT_TABLE, upwards

LARGEST = 1 << 20  # bytes
SETUP, CONFIGURATION = "setup.py", "setup.cfg"
# Tables that name a package for the builder to make; entries that only an installation brings.
NAMES = re.compile(r"(?m)^\s*\[\s*(project|tool\.poetry|tool\.flit\.metadata)\s*\]")
ENTRIES = re.compile(r"(?m)^\s*\[\s*project\.(scripts|gui-scripts|entry-points\b.*)\s*\]")
# What other tools have for "this is an app, no package".
NO_PACKAGE = re.compile(r"(?m)^\s*(package-mode|package|distribution)\s*=\s*false\b")
METADATA = re.compile(r"(?m)^\[metadata\]\s*\n(?:(?!\[).*\n)*?name\s*=")
ANY = re.compile("")
NAME = re.compile(r"(?m)\bname\s*=\s*[\"']?(\w[\w.-]*)")


class Project:
    """What is installed: its `directory` in the repository, and its `name` where it says one."""

    def __init__(self, directory: str, name: str) -> None:
        self.directory = directory
        self.name = name


def find(code: str, directory: str) -> Project | None:
    """Find the project that the app in `directory` belongs to; `code` is sealed."""
    for base in upwards(directory):
        texts = [_text(os.path.join(code, base, name)) for name in (PROJECT, SETUP, CONFIGURATION)]
        if _says_so(*texts):
            return Project(base, name_in(*texts)) if _is_package(code, base, *texts) else None
    return None


def brings_app(code: str, directory: str, wsgi: str) -> bool:
    """Tell whether the app cannot be imported from its directory, but from what is installed."""
    top = os.path.join(code, directory, wsgi.partition(":")[0].split(".")[0])
    return not os.path.isdir(top) and not os.path.isfile(top + ".py")


def _text(path: str) -> str:
    """Give a file of the commit; it may be a link to another one, and nothing leads out."""
    return (disk.read(os.path.realpath(path), LARGEST) or b"").decode("utf-8", "replace")


def _says_so(project: str, setup: str, configuration: str) -> bool:
    in_project = BUILD_TABLE.search(project) or NAMES.search(project)
    return bool(in_project or setup or METADATA.search(configuration))


def _is_package(code: str, base: str, project: str, setup: str, configuration: str) -> bool:
    if NO_PACKAGE.search(project):
        return False
    by_setuptools = bool(setup or METADATA.search(configuration))
    if BUILD_TABLE.search(project):
        return by_setuptools or bool(NAMES.search(project))
    if PROJECT_TABLE.search(project):
        modules = glob.glob(os.path.join(glob.escape(os.path.join(code, base)), "src", "*", "*.py"))
        return by_setuptools or bool(modules or ENTRIES.search(project))
    return by_setuptools


def name_in(project: str, setup: str = "", configuration: str = "") -> str:
    """Give its name as installed packages are listed; empty where its build alone says it."""
    for text, table in ((project, NAMES), (configuration, METADATA), (setup, ANY)):
        begins = table.search(text)
        found = NAME.search(text, begins.start()) if begins else None
        if found:
            return re.sub("[-_.]+", "-", found.group(1)).lower()
    return ""
