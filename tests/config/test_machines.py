"""What hosts with one address may share."""

import pytest

from flaskwright.config import hosts_toml

from .files import APP, HOST, document, problems, written

TWO_APPS = {"blog": APP, "wiki": APP}


def hosts(one, other):
    return {"pi": {**HOST, **one}, "pi2": {**HOST, "app": "wiki", **other}}


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (
            {"domain": "a.org"},
            {"domain": "b.org", "app": "blog"},
            'hosts.pi2.app: "blog" is the app of hosts.pi, at the same address',
        ),
        ({}, {}, "hosts.pi2.domain: missing; so is that of hosts.pi, at the same address"),
        (
            {"domain": "a.org"},
            {"domain": "a.org"},
            'hosts.pi2.domain: "a.org" belongs to hosts.pi, at the same address',
        ),
        (
            {"domain": "a.org"},
            {"domain": "b.org", "tls": {"dhparam": "generate"}},
            "hosts.pi2.tls: dhparam differs from that of hosts.pi, at the same address",
        ),
        (
            {"domain": "a.org"},
            {"domain": "b.org", "aliases": ["a.org"]},
            'hosts.pi2.aliases: "a.org" belongs to hosts.pi, at the same address',
        ),
        (
            {"domain": "a.org", "aliases": ["b.org"]},
            {"domain": "b.org", "address": "192.0.2.7", "port": 22},
            'hosts.pi2.domain: "b.org" belongs to hosts.pi, at the same address',
        ),
        (
            {"guide": "ubuntu", "domain": "a.org", "mysql": {"user": "u", "database": "d"}},
            {"guide": "ubuntu", "domain": "b.org", "mysql": {"user": "u"}},
            'hosts.pi2.mysql: "u" is the user of hosts.pi, at the same address',
        ),
    ],
)
def test_one_address_refused(tmp_path, one, other, message):
    text = document(apps=TWO_APPS, hosts=hosts(one, other))

    assert problems(tmp_path, text) == [f"hosts.toml: {message}"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"domain": "a.org"}, {"domain": "b.org"}),
        ({}, {"domain": "b.org"}),
        ({}, {"domain": "b.org", "tls": {"dhparam": "generate"}}),
        ({"tls": {"off": True}}, {"domain": "b.org"}),
        ({}, {"port": 2222}),
        (
            {"guide": "ubuntu", "domain": "a.org", "mysql": {}},
            {"guide": "ubuntu", "domain": "b.org", "mysql": {}},
        ),
        ({}, {"address": "192.0.2.8", "app": "blog"}),
        ({"address": None, "sandbox": {}}, {"address": None, "sandbox": {}, "app": "blog"}),
    ],
)
def test_good_neighbours(tmp_path, one, other):
    hosts_toml.read(written(tmp_path, document(apps=TWO_APPS, hosts=hosts(one, other))))
