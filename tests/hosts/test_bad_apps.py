"""Apps and requirements that do not work: said before anything is switched, or undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Live
from .project import Project
from .trouble import converges, steady, told

Change = Callable[[Project], object]
START = "app = Flask(__name__)\n"  # a line of the sample app, after its imports
HEALTH = "def health() -> dict[str, int]:\n"


@pytest.fixture(scope="module", autouse=True)
def cured(live: Live) -> Iterator[None]:
    """In the end the host has to be as good as new."""
    yield
    live.project.restore()
    converges(live)
    live.project.change("templates/index.html", "</h1>", "</h1><!-- next -->")
    converges(live)


@pytest.fixture(autouse=True)
def restored(live: Live) -> None:
    live.project.restore()


def code(text: str) -> Change:
    """Add lines to the app's module."""
    return lambda project: project.change("app.py", START, START + text)


def requires(text: str) -> Change:
    """Write other requirements."""
    return lambda project: project.add("requirements.txt", text)


def declares(**keys: Any) -> Change:
    """Write other keys for the app in hosts.toml."""
    return lambda project: project.declare(**keys)


def links(target: str) -> Change:
    """Add a symbolic link to the repository."""

    def change(project: Project) -> None:
        Path(project.app / "static/link").symlink_to(target)
        project.commit("a link")

    return change


BEFORE_THE_SWITCH = {
    "a module that is not there": (
        declares(wsgi="wsgi:app"),
        ("is not well", "No module named 'wsgi'", 'wsgi = "app:app" in hosts.toml'),
    ),
    "a callable that is not there": (
        declares(wsgi="app:application"),
        ("is not well", 'app.py has no "application"; it has "app"'),
    ),
    "an import error": (
        code("import nothing_of_that_name\n"),
        ("No module named 'nothing_of_that_name'", 'code/app.py", line', "add a line"),
    ),
    "an error that speaks in colours": (
        code("raise RuntimeError('set \\x1b[31mKEY\\r\\n in the environment')\n"),
        ("RuntimeError: set KEY", "in the environment"),
    ),
    "a syntax error": (code("def broken(:\n"), ("SyntaxError: invalid syntax", "def broken(:")),
    "an app that ends itself": (code("raise SystemExit('good bye')\n"), ("good bye",)),
    "an app that writes where it may not": (
        code("open('result.json', 'w')\n"),
        ("Read-only file system: 'result.json'", 'shared = ["result.json"] in hosts.toml'),
    ),
    "a directory that is not there": (
        declares(directory="web"),
        ("the commit has no directory web", "`directory` in hosts.toml"),
    ),
    "another Python": (
        declares(python="python3.99"),
        ("python3.99 is not on this host", "`python` in hosts.toml"),
    ),
    "a link to a file of the host": (
        links("/etc/passwd"),
        ("link that leaves it: static/link -> /etc/passwd", "replace it by a file"),
    ),
    "a link out of the repository": (
        links("../../../../shared"),
        ("link that leaves it: static/link -> ../../../../shared",),
    ),
    "requirements that are not there": (
        declares(requirements="req.txt"),
        ("the commit has no file req.txt", "`requirements` in hosts.toml"),
    ),
    "requirements that name a file that is not there": (
        requires("-r more.txt\n"),
        ("requirements.txt names more.txt", "commit the file"),
    ),
    "a package that is not there": (
        requires("flask\nno-such-package-of-flaskwright==1.0\n"),
        ("there is no package that fits no-such-package-of-flaskwright==1.0", "correct the"),
    ),
    "requirements that contradict each other": (
        requires("flask==3.0.0\nwerkzeug==2.0.0\n"),
        ("conflicting dependencies", "loosen one of these pins"),
    ),
    "a package that needs a compiler": (
        requires("flask\nuwsgi==2.0.26\n"),
        ("Exception: you need a C compiler", "sudo apt-get install gcc python3-dev"),
    ),
}


# another word of what a case beside it, test_advice or tests/agent/advice has, too
ALIKE = {
    *("a callable that is not there", "an error that speaks in colours", "a syntax error"),
    *("a link out of the repository", "requirements that contradict each other"),
    *("a package that needs a compiler", "a health path that hangs"),
}


def cases(of: dict[str, Any]) -> list[Any]:
    """Give the names of cases; what is alike is for --whole."""
    return [pytest.param(case, marks=[pytest.mark.long] if case in ALIKE else []) for case in of]


@pytest.mark.parametrize("case", cases(BEFORE_THE_SWITCH))
def test_said_before_anything_is_switched(live: Live, case: str) -> None:
    change, words = BEFORE_THE_SWITCH[case]
    change(live.project)
    with steady(live) as release:
        said = live.project.on_host("deploy")
        told(said, 1, *words, f"live  release {release}", "  next  ")


def test_no_index_is_reached(live: Live) -> None:
    settings = "[global]\nindex-url = https://127.0.0.1:1/simple\nretries = 1\n"
    live.shell(f"echo '{settings}' | sudo tee /etc/pip.conf")
    live.project.add("requirements.txt", "flask\nrequests\n")
    with steady(live):
        said = live.project.on_host("deploy")
        told(said, 1, "pip cannot reach the package index from the host", "network and DNS")
    live.shell("sudo rm /etc/pip.conf")


ONCE = """
import os
from flask import Flask

class App(Flask):
    asked = 0

    def wsgi_app(self, environ, start_response):
        App.asked += environ["PATH_INFO"] == "/health" and "FLASKWRIGHT_CANARY" not in os.environ
        if App.asked > 1:
            start_response("500 INTERNAL SERVER ERROR", [])
            return []
        return super().wsgi_app(environ, start_response)

Flask = App
"""
AT_THE_SWITCH = {
    "a health path that answers 500": (
        lambda project: project.change("app.py", HEALTH, f"{HEALTH}    1 / 0\n"),
        ("ZeroDivisionError: division by zero", "is not well", "1 / 0"),
    ),
    "a health path that is not there": (
        declares(health="/healthy"),
        ("is not well: /healthy answers 404", 'health = "/A-PAGE-IT-HAS" in hosts.toml'),
    ),
    "a health path that hangs": (
        lambda project: project.change("app.py", HEALTH, f"{HEALTH}    time.sleep(60)\n"),
        ("/health gives no answer: timed out",),
    ),
    "an app that boots as a canary only": (
        code("import os\nif 'FLASKWRIGHT_CANARY' not in os.environ: raise OSError('no luck')\n"),
        ("OSError: no luck", "does not serve"),
    ),
    "an app that is well once": (
        lambda project: project.change("app.py", START, ONCE + START),
        ("does not serve", "/health answers 500"),
    ),
}


@pytest.mark.parametrize("case", cases(AT_THE_SWITCH))
def test_undone_after_the_switch(live: Live, case: str) -> None:
    change, words = AT_THE_SWITCH[case]
    change(live.project)
    undone = case == "an app that is well once"
    with steady(live, restarts=undone) as release:
        said = live.project.on_host("deploy")
        told(said, 1, *words, f"live  release {release}", "deploy again")
