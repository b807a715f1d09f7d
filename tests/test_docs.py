"""Pages name files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
PATH = re.compile(
    r"`((?:flaskwright|tasks|guides|tests|sandbox|bench|templates|docs)/[a-z0-9_./-]+)`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    assert [path for path in PATH.findall(page.read_text()) if not (ROOT / path).exists()] == []


def test_paths_are_found() -> None:
    assert PATH.findall("see `tests/test_docs.py`, and `tests/`") == ["tests/test_docs.py"]
