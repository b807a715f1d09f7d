"""What a transaction has in hand."""

import pytest

from flaskwright.agent.common.place import Place
from flaskwright.agent.transaction.pending import Pending, place_of


@pytest.fixture
def pending(tmp_path):
    return Pending(Place(state=str(tmp_path)))


def test_without_a_transaction_it_is_empty(pending):
    assert pending.read() == {}


def test_notes_add_up_and_whoever_comes_finds_them(pending, tmp_path):
    pending.note(id="1", release="new", switched=False)
    pending.note(switched=True)

    assert Pending(Place(state=str(tmp_path))).read() == {
        "id": "1",
        "release": "new",
        "switched": True,
    }
    assert (tmp_path / "pending.json").stat().st_mode & 0o777 == 0o600


def test_what_another_one_has_left_is_not_its_own(pending):
    pending.note(id="1", release="new", switched=True)
    pending.open(id="2")

    assert pending.read() == {"id": "2"}


def test_when_it_is_closed_nothing_is_left(pending, tmp_path):
    pending.note(id="1")
    pending.clear()
    pending.clear()

    assert pending.read() == {}
    assert list(tmp_path.iterdir()) == []


def test_a_plan_has_the_app_once_and_what_is_pending_is_flat():
    flat = place_of({"app": "blog", "app_root": "/srv/blog"}, "/state")
    once = place_of({"app": {"name": "blog", "root": "/srv/blog"}}, "/state")

    assert vars(flat) == vars(once)
    assert (flat.name, flat.root, flat.state) == ("blog", "/srv/blog", "/state")
