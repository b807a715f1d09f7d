import contextlib
from collections.abc import Iterator

import pytest

from flaskwright.agent.run import Run

from .support import Operator


@pytest.fixture
def operator() -> Iterator[Operator]:
    operator = Operator()
    yield operator
    operator.leave()
    operator.agent_in.close()
    with contextlib.suppress(BrokenPipeError):
        operator.agent_out.close()


@pytest.fixture
def run(operator: Operator) -> Run:
    return Run(operator.wire)


@pytest.fixture
def dry_run(operator: Operator) -> Run:
    return Run(operator.wire, "check")
