"""Words of other tools lead to keys that there are, or that are said to come."""

from __future__ import annotations

import pytest

from flaskwright.config import other_words
from flaskwright.config.keys import AppTable, HostTable
from flaskwright.config.table import declared


@pytest.mark.parametrize("table", [AppTable, HostTable])
def test_what_is_meant_is_a_key_or_will_be_one(table: type) -> None:
    keys = {key.name for key in declared(table)}
    meant = set(other_words._MEANT[table.__name__].values())
    assert meant - keys <= set(other_words._LATER[table.__name__].split())


@pytest.mark.parametrize("table", [AppTable, HostTable])
def test_no_key_of_ours_is_taken_for_another_tool_s_word(table: type) -> None:
    keys = {key.name for key in declared(table)}
    assert not keys & set(other_words._MEANT[table.__name__])
