"""A path narrower than its ends. What it does to packets is in tests/hosts/test_waits.py."""

from __future__ import annotations

import pytest

from flaskwright.errors import UsageError
from sandbox import bottleneck
from sandbox.network import Network
from sandbox.state import Record


def test_a_host_that_does_not_run_has_no_path() -> None:
    with pytest.raises(UsageError, match="it is not running"):
        bottleneck.narrow(Record("pi", "bookworm", "image", 2), Network(0), 1300)


def test_made_wide_again_nothing_is_left_of_it() -> None:
    text = bottleneck._table("vb-fw0-2", "host0", 0)
    assert text.splitlines() == [
        "table netdev flaskwright-vb-fw0-2 {}",
        "delete table netdev flaskwright-vb-fw0-2",
    ]
    assert "meta length > 1300 drop" in bottleneck._table("vb-fw0-2", "host0", 1300)
