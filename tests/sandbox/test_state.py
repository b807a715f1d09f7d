"""What is remembered about hosts, and names that must not leave their place."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from flaskwright.errors import Unreachable, UsageError
from sandbox import state
from sandbox.commands import Process
from sandbox.state import Record


def saved(lab, name="pi", **fields) -> Record:
    lab.host(name).mkdir()
    return state.save(lab, replace(Record(name, "bookworm", "bookworm-1", 2), **fields))


def test_a_record_comes_back_as_it_was(lab):
    record = saved(
        lab, layers=("b", "a"), names=("x.test",), leader=Process(1, 2), address="198.18.0.2"
    )
    assert state.record(lab, "pi") == record
    assert state.records(lab) == [record]


def test_a_host_that_is_not_there_is_named_with_those_that_are(lab):
    saved(lab)
    with pytest.raises(UsageError) as caught:
        state.record(lab, "web")
    assert "web" in caught.value.what
    assert "pi" in caught.value.why


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "A", "1a", "a b", "a\n", "a" * 32, "-a", "a:b"]
)
def test_names_stay_in_their_place(lab, name):
    with pytest.raises(UsageError):
        lab.host(name)


@pytest.mark.parametrize("root", ["relative", "/a:b", "/a,b", "/a b", '/a"b', "/a\\b"])
def test_the_state_directory_must_fit_into_mount_options(root, monkeypatch):
    monkeypatch.setenv("FLASKWRIGHT_SANDBOX", root)
    with pytest.raises(UsageError):
        state.lab()


def test_the_state_directory_has_a_default(monkeypatch):
    monkeypatch.delenv("FLASKWRIGHT_SANDBOX", raising=False)
    assert state.lab().root == state.DEFAULT


def test_images_are_closed_and_records_open(lab):
    assert stat.S_IMODE(lab.images.stat().st_mode) == 0o700
    assert stat.S_IMODE(lab.hosts.stat().st_mode) == 0o755


def test_nothing_is_removed_through_a_mount():
    with pytest.raises(Unreachable, match="not removed"):
        state.remove(Path("/proc"))


def test_one_at_a_time(lab):
    order: list[str] = []
    inside = threading.Event()

    def other() -> None:
        inside.wait()
        with lab.locked():
            order.append("second")

    thread = threading.Thread(target=other)
    thread.start()
    with lab.locked():
        inside.set()
        thread.join(timeout=0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.parametrize("name", ["a.test", "www.guestbook.example", "a-b.c1.d"])
def test_domain_names(name):
    assert state.DOMAIN.fullmatch(name)


@pytest.mark.parametrize("name", ["test", "a b.test", "-a.test", "a.test.", "a_b.test", "A.test"])
def test_what_is_no_domain_name(name):
    assert not state.DOMAIN.fullmatch(name)
