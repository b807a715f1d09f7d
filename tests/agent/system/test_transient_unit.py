"""Programs in transient units: what was cut off has ended, and nothing of it is there."""

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system.transient_unit import TransientUnit


def test_a_unit_that_systemd_has_not_made_yet_is_ended_too(live):
    """systemd-run was ended between its request and what systemd makes of it."""
    unit = TransientUnit(live.run(), "build.service", ())

    with pytest.raises(Failed, match="took longer"):
        unit.command(["sleep", "60"], timeout=0.1)

    assert live.systemd.calls("stop") == ["stop build.service"]
