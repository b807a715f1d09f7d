from types import SimpleNamespace

import pytest
from fabric import Config

from flaskwright.link import ending, transport
from flaskwright.run.lane import Lane
from tests.hosts_file import host_in


@pytest.mark.parametrize(("kind", "code"), [("attach", 6), ("app-status", 1)])
def test_who_leaves_a_deploy_that_they_only_follow_is_told_that_it_goes_on(tmp_path, kind, code):
    lane = Lane(host_in(tmp_path), Config())
    lane._connection = SimpleNamespace(stage="", at="", ask_to_stop=None, close=lambda: None)
    transport.Talk(lane._connection, {"resources": [{"kind": kind}]}, print, print)

    lane.abandon()

    assert lane.code == code
    assert (lane._connection.stage == ending.FOLLOWS) is (code == 6)
