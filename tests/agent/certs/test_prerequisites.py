"""The host's clock held against the authority's."""

import time
from email.utils import formatdate

import pytest

from flaskwright.agent.certs import prerequisites
from flaskwright.agent.common import text
from flaskwright.agent.engine.errors import Failed

from ..web_server import Server

HOUR, DAY = 3600, 86400


@pytest.fixture
def authority(monkeypatch):
    """An authority that says what time it is, as told; gives its URL."""
    servers = []
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def start(date):
        server = Server(("127.0.0.1", 0), {})
        servers.append(server)
        host = f"127.0.0.1:{server.socket.getsockname()[1]}"
        server.answers[host] = (200, {"Date": date} if date else {})
        return f"http://{host}/dir"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("ahead", [0, 200, -200])
def test_a_clock_that_is_about_right(authority, ahead):
    prerequisites.must_be_right(authority(formatdate(time.time() - ahead, usegmt=True)))


@pytest.mark.parametrize(
    ("ahead", "told"),
    [(3 * DAY, "3.0 days ahead"), (-3 * HOUR, "3.0 hours behind"), (-400, "7 minutes behind")],
)
def test_a_clock_that_is_wrong(authority, ahead, told):
    with pytest.raises(Failed, match=told) as caught:
        prerequisites.must_be_right(authority(formatdate(time.time() - ahead, usegmt=True)))

    assert "timedatectl set-ntp true" in caught.value.next


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_an_authority_that_says_nothing_of_the_time_is_not_asked_again(authority, date):
    prerequisites.must_be_right(authority(date))


def test_an_authority_that_is_down_is_certbot_s_to_tell():
    prerequisites.must_be_right("http://127.0.0.1:9/dir")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40, "40 seconds"), (3 * 60, "3 minutes"), (2 * HOUR, "2.0 hours"), (2.5 * DAY, "2.5 days")],
)
def test_spans_of_time_as_people_say_them(seconds, words):
    assert text.spoken(seconds) == words
