"""What a program is at, in words."""

import pytest

from flaskwright.agent.engine import activity
from flaskwright.agent.engine.tcp import Connection
from flaskwright.agent.engine.traffic import Traffic


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["apt-get", "update", "-q"], "apt-get update"),
        (
            ["/srv/blog/venvs/1/bin/python", "-I", "-m", "pip", "--no-input", "install"],
            "pip install",
        ),
        (["git", "-c", "a.b=c", "--git-dir=/srv", "fetch", "--", "u"], "git fetch"),
        (["certbot", "certonly", "-n"], "certbot certonly"),
        (["/usr/sbin/nginx", "-t"], "nginx"),
        (["true"], "true"),
    ],
)
def test_a_command_has_the_name_that_people_give_it(argv, name):
    assert activity.called(argv) == name


def traffic(silent):
    seen = Traffic(list)
    seen.silent = silent
    seen.waits = [Connection(1, "127.0.0.1", 8080, 0)]
    return seen


LEGACY = ["Running setup.py install for slow: started"]
LINES = ["Collecting psycopg2", "Building wheel for psycopg2 (setup.py): started"]


def test_it_waits_for_a_host_by_the_name_that_leads_there():
    urls = ["http://nowhere.invalid/x", "http://localhost:8080/y"]
    assert activity.of("apt-get update", [], traffic(9.0), urls) == (
        "apt-get update waits for localhost"
    )
    assert activity.of("apt-get update", [], traffic(9.0), []) == (
        "apt-get update waits for 127.0.0.1 port 8080"
    )


def test_it_compiles():
    assert activity.of("pip install", LINES, traffic(0.0), []) == "pip install compiles psycopg2"
    assert activity.of("pip install", LEGACY, traffic(0.0), []) == "pip install compiles slow"
    done = [*LINES, "Building wheel for psycopg2 (setup.py): finished with status 'done'"]
    assert activity.of("pip install", done, traffic(0.0), []).startswith("pip install is at work: ")


def test_it_is_at_work():
    assert activity.of("dpkg", [], traffic(0.0), []) == "dpkg is at work"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://me@git.test:80/x", "git.test"),
        ("git@git.test:me/blog.git", "git.test"),
        ("ssh://git@git.test:22/x", "git.test"),
        ("http://198.18.1.1:8080/debian", "198.18.1.1"),
    ],
)
def test_hosts_are_found_in_urls(text, host):
    assert activity.hosts([text]) == [host]
