"""Something that is done while its caller goes on."""

import threading

import pytest

from flaskwright.ssh import meanwhile
from flaskwright.ssh.meanwhile import Meanwhile


def test_the_caller_goes_on_until_it_wants_to_know() -> None:
    may_end, done = threading.Event(), []

    def act() -> None:
        may_end.wait(10)
        done.append("act")

    begun = Meanwhile(act)
    done.append("caller")
    may_end.set()
    begun.wait(lambda seconds: None)

    assert done == ["caller", "act"]


def test_what_went_wrong_is_told_to_who_waits() -> None:
    def fail() -> None:
        raise OSError("no route")

    begun = Meanwhile(fail)
    with pytest.raises(OSError, match="no route"):
        begun.wait(lambda seconds: None)


def test_who_waits_long_hears_of_it_and_may_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(seconds: float) -> None:
        told.append(seconds)
        if len(told) == 2:
            raise TimeoutError

    told: list[float] = []
    monkeypatch.setattr(meanwhile, "BEAT", 0.01)
    with pytest.raises(TimeoutError):
        Meanwhile(threading.Event().wait).wait(tell)
    assert told == sorted(told)
