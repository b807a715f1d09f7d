import pytest

from flaskwright.agent.common.site import Site
from flaskwright.agent.engine.run import Run

X = Site("x.org", "https", "x.org", ["x.org", "www.x.org"])


@pytest.fixture
def run(run: Run) -> Run:
    run.site = X
    return run


@pytest.fixture
def dry_run(dry_run: Run) -> Run:
    dry_run.site = X
    return dry_run
