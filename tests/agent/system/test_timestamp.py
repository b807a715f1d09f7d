"""Times as people type them."""

from __future__ import annotations

import time

import pytest

from flaskwright.agent.engine.errors import Misused
from flaskwright.agent.system import timestamp

HOUR = 3600


@pytest.mark.parametrize("typed", ["1h", "1h ago", "1 hour", "60 minutes", "-1h"])
def test_a_span_is_the_time_before_now(run, typed):
    assert timestamp.seconds(typed, run) == pytest.approx(time.time() - HOUR, abs=60)


@pytest.mark.parametrize(
    "typed", ["2026-12-01T02:32:07Z", "2026-12-01 02:32:07 UTC", "@1796092327"]
)
def test_a_time_as_our_own_lines_have_it(run, typed):
    assert timestamp.seconds(typed, run) == 1796092327


@pytest.mark.parametrize("typed", ["soon", "30", "-", "2026-13-01", "last week", "--help"])
def test_what_is_no_time_is_told_with_what_it_takes(run, typed):
    with pytest.raises(Misused) as raised:
        timestamp.seconds(typed, run)

    assert f"{typed} is no time" in raised.value.what
    assert "2h, yesterday" in raised.value.why
    assert raised.value.result()["misused"] is True
