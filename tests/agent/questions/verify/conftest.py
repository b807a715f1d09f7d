import pytest

from flaskwright.agent.common.site import Site
from flaskwright.agent.engine.run import Run


@pytest.fixture
def run(run: Run) -> Run:
    """A run about a site over HTTPS with an alias."""
    run.site = Site("blog.test", "https", "blog.test", ["blog.test", "www.blog.test"])
    return run
