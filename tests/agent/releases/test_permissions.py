"""What `permissions` may give an app, by what it is on the host."""

import grp
import os

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.releases import permissions
from flaskwright.agent.releases.permissions import Permissions, absent

from ..app_host import AppHost
from ..support import ME

KEPT = ("etc", "usr", "var/lib/flaskwright")


@pytest.fixture
def host(tmp_path, operator):
    return AppHost(tmp_path, operator)


@pytest.fixture
def handler(host):
    def make(**given):
        fields = {"devices": [], "groups": [], "write": [], "app": ME, **given}
        fields.update(id=f"permissions:{ME}", kept=KEPT)
        return Permissions(fields, host.run())

    return make


def told(operator):
    return [event["text"] for event in operator.events() if event["event"] == "notice"]


def test_what_is_harmless_is_given(handler, tmp_path, operator):
    asked = handler(devices=["/dev/null"], write=[str(tmp_path)])
    assert asked.actual() == asked.wanted()
    assert told(operator) == []


@pytest.mark.parametrize("target", ["/etc", "/usr/lib/x", "/", "/var/lib", "/var/lib/flaskwright"])
def test_a_link_to_what_no_app_may_write_is_refused(handler, tmp_path, target):
    link = tmp_path / "photos"
    link.symlink_to(target)
    with pytest.raises(Failed, match=f"{link} leads to {target}"):
        handler(write=[str(link)]).actual()


def test_so_is_what_lies_behind_one(handler, tmp_path):
    (tmp_path / "photos").symlink_to("/etc")
    with pytest.raises(Failed, match="photos/x leads to /etc/x"):
        handler(write=[str(tmp_path / "photos" / "x")]).actual()


def test_a_file_is_no_directory(handler, tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(Failed, match="x is no directory"):
        handler(write=[str(tmp_path / "x")]).actual()


@pytest.mark.parametrize("path", ["/etc/passwd", "/etc"])
def test_what_is_no_device_is_refused(handler, tmp_path, path):
    link = tmp_path / "device"
    link.symlink_to(path)
    with pytest.raises(Failed, match="is no device of characters"):
        handler(devices=[str(link)]).actual()


@pytest.mark.parametrize(
    ("kind", "major", "minor", "is_power"),
    [
        (0o020000, 1, 1, True),
        (0o020000, 1, 3, False),
        (0o020000, 4, 1, True),
        (0o020000, 4, 64, False),
        (0o020000, 10, 223, True),
        (0o020000, 21, 0, True),
        (0o020000, 254, 0, False),
        (0o060000, 8, 0, True),
    ],
)
def test_devices_that_reach_out_are_known_by_number(kind, major, minor, is_power):
    class Status:
        st_mode, st_rdev = kind, os.makedev(major, minor)

    assert permissions._is_power(Status) is is_power


def test_groups(handler):
    with pytest.raises(Failed, match="no group nosuch") as failed:
        handler(groups=["nosuch"]).actual()
    assert "sudo groupadd --system nosuch" in failed.value.next
    with pytest.raises(Failed, match="has all that is root's"):
        handler(groups=[grp.getgrgid(0).gr_name]).actual()


def test_what_is_not_there_is_told_and_no_failure(handler, tmp_path, operator):
    asked = handler(devices=["/dev/nosuch"], write=[str(tmp_path / "x")])
    assert asked.actual() == asked.wanted()
    missing = "is not there: the app runs without it"
    assert told(operator) == [f"/dev/nosuch {missing}", f"{tmp_path}/x {missing}"]


def test_a_disk_that_is_not_mounted_is_told(tmp_path, monkeypatch):
    table = tmp_path / "fstab"
    table.write_text(f"# a disk\nLABEL=x {tmp_path}/disk ext4 nofail 0 2\nproc /proc proc 0 0\n")
    (tmp_path / "disk" / "photos").mkdir(parents=True)
    monkeypatch.setattr(permissions, "FSTAB", str(table))

    where = f"{tmp_path}/disk"
    assert absent(f"{where}/photos") == (
        f"{where}/photos is not there: its disk is not mounted at {where}"
    )
    assert absent(f"{tmp_path}") == absent("/proc/sys") == ""


def test_what_the_live_release_misses_is_read_from_its_unit(host, tmp_path):
    host.has("one")
    host.has_unit("one", "BindPaths=-/dev/no\\:such", f"ReadWritePaths=-{tmp_path}", "BindPaths=/x")
    missing = permissions.missing(host.place)
    assert missing == "/dev/no:such is not there: the app runs without it"
