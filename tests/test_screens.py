"""The screens of a deploy, as pictures of a terminal, line by line: tests/screens.

`pytest tests/test_screens.py --refresh-screens` writes them anew: then read them.
"""

from pathlib import Path

import pytest

from flaskwright.report.width import columns_of
from tests import screen

CASES = sorted((Path(__file__).parent / "screens").glob("*.txt"))
LOOKS = [(path, view) for path in CASES for view in screen.read(path).views]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_screen_is_as_it_is_drawn(path, tmp_path, monkeypatch, request):
    case = screen.read(path)
    found = {view: screen.shown(case, view, tmp_path, monkeypatch) for view in case.views}
    if request.config.getoption("--refresh-screens"):
        path.write_text(case.text(found))

    assert found == screen.read(path).views


@pytest.mark.parametrize(("path", "view"), LOOKS, ids=lambda part: getattr(part, "stem", part))
def test_no_line_is_broken_by_the_terminal(path, view):
    """A terminal that breaks a line leaves one that is as wide as itself."""
    if not view.startswith("pipe"):
        room = int(view.partition(" ")[0])
        lines = screen.read(path).views[view].split("\n")
        assert [line for line in lines if columns_of(line) >= room] == []
