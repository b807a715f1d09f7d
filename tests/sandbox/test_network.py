"""Addresses and names on the bridge."""

from __future__ import annotations

import ipaddress

import pytest

from flaskwright.errors import UsageError
from sandbox import keys, network
from sandbox.network import Network
from sandbox.state import Record, save


@pytest.mark.parametrize("number", [0, 7, 255])
def test_addresses_lie_in_the_networks_for_tests(number):
    bridge = Network(number)
    address = ipaddress.ip_address(bridge.address(254))
    assert address in ipaddress.ip_network(bridge.subnet)
    assert address in ipaddress.ip_network("198.18.0.0/15")
    assert ipaddress.ip_address(bridge.address6(254)) in ipaddress.ip_network("fd00::/8")


def test_ipv6_addresses_are_written_as_ssh_writes_them():
    assert Network(0).address6(2) == "fd46:6c61:736b::2"


def test_interface_names_fit():
    assert len(Network(255).cable(254).name) <= 15


def host(lab, name: str, number: int, *names: str) -> Record:
    lab.host(name).mkdir()
    return save(
        lab, Record(name, "bookworm", "i", number, address=f"198.18.0.{number}", names=names)
    )


def test_the_resolver_gets_every_name(lab):
    host(lab, "pi", 2)
    host(lab, "web", 3, "guestbook.test")
    network.write_names(lab)
    assert lab.names.read_text().split() == [
        "{", '"pi.test":', '"198.18.0.2",', '"web.test":', '"198.18.0.3",',
        '"guestbook.test":', '"198.18.0.3"', "}",
    ]  # fmt: skip


def test_a_name_belongs_to_one_host(lab):
    host(lab, "web", 3, "guestbook.test")
    network.check_names(lab, "web", ("guestbook.test",))
    with pytest.raises(UsageError, match="is a name of web"):
        network.check_names(lab, "pi", ("guestbook.test",))
    with pytest.raises(UsageError, match="is a name of web"):
        network.check_names(lab, "pi", ("web.test",))


def test_known_hosts_names_each_host_by_address_and_name(lab):
    host(lab, "pi", 2)
    keys.write_known_hosts(lab)
    line = lab.known_hosts.read_text()
    assert line.startswith("198.18.0.2,")
    assert ",pi.test ssh-ed25519 " in line
    keys.write_known_hosts(lab)
    assert lab.known_hosts.read_text() == line


def test_a_number_that_another_has_by_now_is_not_ours(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(network, "BRIDGES", tmp_path)
    (tmp_path / "fw7").mkdir()
    lab.network.write_text('{"number": 7}')
    for alias, found in ((str(lab.root), Network(7)), ("/another", None), ("", None)):
        (tmp_path / "fw7/ifalias").write_text(f"{alias}\n")
        assert network.recorded(lab) == found
    (tmp_path / "fw7/ifalias").unlink()
    assert network.recorded(lab) == Network(7)


def test_no_bridge_is_taken_for_ours_that_is_not(lab):
    assert not network.owned(lab, Network(250))
    assert network.recorded(lab) is None
    network.remove_all(lab)
