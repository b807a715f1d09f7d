"""MySQL beside another app, on a newer Debian: what the Ubuntu guide's own test does not see.

What is the same there is for `--whole`.
"""

from __future__ import annotations

import json

import pytest

from .conftest import Live, on
from .notebook import OnTheSide, Sample, loses_no_row, takes_another_password_and_way
from .project import Said

pytestmark = on("trixie")


@pytest.fixture(scope="module")
def notebook(live: Live, tmp_path_factory: pytest.TempPathFactory) -> OnTheSide:
    """The notebook as a second app."""
    project = Sample(tmp_path_factory.mktemp("notebook"), live.project.name, live.project.suite)
    notebook = OnTheSide(project, Said(0, "", ""))
    notebook.declare()
    notebook.deploy()
    return notebook


def test_it_lives_beside_the_other_app(notebook: OnTheSide) -> None:
    assert json.loads(notebook.ask("/health")) == {"lines": 0, "over": "Localhost via UNIX socket"}
    assert "nothing to do" in notebook.deploy().err


@pytest.mark.long
def test_another_password_and_tcp_are_noticed_by_nobody(notebook: OnTheSide) -> None:
    for line in ("one", "two", "three"):
        notebook.ask(line=line)
    takes_another_password_and_way(notebook)


@pytest.mark.long
def test_half_of_a_migration_beside_visitors_loses_no_row(notebook: OnTheSide) -> None:
    loses_no_row(notebook)
