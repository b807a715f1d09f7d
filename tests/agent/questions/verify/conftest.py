"""What every check of `verify` finds in a test: a host with one address, and a site."""

import pytest

from flaskwright.agent.common.site import Site
from flaskwright.agent.engine.run import Run
from flaskwright.agent.web import visit

from ...web_answers import HERE


@pytest.fixture
def run(run: Run) -> Run:
    """A run about a site over HTTPS with an alias."""
    run.site = Site("blog.test", "https", "blog.test", ["blog.test", "www.blog.test"])
    return run


@pytest.fixture(autouse=True)
def one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the host be at an address of nobody, which no test asks."""
    monkeypatch.setattr(visit, "addresses", lambda: [HERE])
