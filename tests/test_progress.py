import io
from itertools import pairwise

from flaskwright import progress
from flaskwright.progress import Progress

START = {"event": "start", "id": "packages:nginx", "n": 2, "of": 31}
WORK = {"event": "progress", "id": "packages:nginx", "text": "Unpacking nginx"}


def lines(*events, live=None):
    told = []
    with Progress("pi", "apply", told.append, live) as show:
        for event in events:
            show(event)
    return told


def test_what_changed_gets_a_line_with_its_place_and_its_seconds():
    (line,) = lines(START, {"event": "result", "state": "changed"})

    assert line.startswith("pi   2/31  packages:nginx  changed  ")
    assert line.endswith(" s")


def test_what_comes_from_a_journal_took_as_long_as_that_says():
    told = lines(START, {"event": "result", "state": "changed", "seconds": 12.34})

    assert told == ["pi   2/31  packages:nginx  changed  12.3 s"]


def test_what_is_as_it_should_be_gets_none():
    assert lines(START, {"event": "result", "state": "ok"}) == []


def test_a_note_is_told_with_the_change():
    told = lines(START, {"event": "result", "state": "changed", "note": "keeps /etc/x"})

    assert told[1].endswith("keeps /etc/x")


def test_without_a_terminal_long_work_is_told_now_and_then(monkeypatch):
    monkeypatch.setattr(progress, "HEARTBEAT", -1.0)

    (line,) = lines(START, WORK)
    assert "Unpacking nginx" in line


def test_without_a_terminal_short_work_is_not_told():
    assert lines(START, WORK) == []


def test_on_a_terminal_the_resource_in_hand_is_one_line_that_moves():
    live = io.StringIO()

    assert lines(START, WORK, live=live) == []
    assert live.getvalue().count("\r\033[K") == 3
    assert "Unpacking nginx" in live.getvalue()
    assert live.getvalue().endswith("\r\033[K")


def test_on_a_terminal_a_transaction_shows_its_phases_one_after_the_other():
    live = io.StringIO()
    phases = [{"event": "phase", "id": "x", "name": name} for name in ("canary", "switch")]

    assert lines(START, *phases, live=live) == []
    shown = [text.rstrip() for text in live.getvalue().split("\r\033[K")]
    assert shown[1:-1] == [
        f"pi   2/31  packages:nginx{more}" for more in ("", "  canary", "  switch")
    ]


WAITING = {"event": "waiting", "id": "packages:nginx", "text": "apt waits for a.test"}


def test_on_a_terminal_what_is_waited_for_moves_with_its_seconds():
    live = io.StringIO()

    assert lines(START, {**WAITING, "seconds": 8.2}, {**WAITING, "seconds": 16.4}, live=live) == []
    shown = [text.rstrip() for text in live.getvalue().split("\r\033[K")]
    assert shown[2:4] == [
        f"pi   2/31  packages:nginx  apt waits for a.test  {seconds} s" for seconds in (8, 16)
    ]


def test_without_a_terminal_it_is_told_at_once_and_then_after_longer_and_longer(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    told = []
    with Progress("pi", "apply", told.append, None) as show:
        show(START)
        for seconds in range(8, 300, 8):
            now[0] = float(seconds)
            show({**WAITING, "seconds": seconds})
            if seconds == 8:
                assert told == ["pi   2/31  packages:nginx  apt waits for a.test  8 s"]

    ages = [int(line.split()[-2]) for line in told]
    pauses = [later - earlier for earlier, later in pairwise(ages)]
    assert pauses == sorted(pauses)
    assert pauses[-1] <= 64


def test_without_a_terminal_phases_are_not_told():
    assert lines(START, {"event": "phase", "id": "x", "name": "canary"}) == []


def test_events_of_a_later_agent_are_passed_over():
    assert lines({"event": "something new"}) == []
