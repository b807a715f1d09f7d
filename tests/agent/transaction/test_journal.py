"""A transaction's journal: what was sent is on the disk, whole, and is read as it comes."""

from itertools import islice
from pathlib import Path

import pytest

from flaskwright.agent.transaction.journal import Journal, events
from flaskwright.agent.transaction.reserve import Reserve

from ..support import mounted

END = {"event": "end", "facts": {}, "lost": False}
MANY = [
    {"event": "result", "id": str(number), "state": "ok", "note": "x" * 300} for number in range(20)
]


@pytest.fixture
def state(tmp_path):
    return tmp_path


@pytest.fixture
def path(state):
    return state / "journal.jsonl"


@pytest.fixture
def journal(path, state):
    return Journal(str(path), str(state))


@pytest.fixture
def small_disk(tmp_path):
    """A state directory on a disk of its own, with the reserve in it, and otherwise full."""
    with mounted(tmp_path / "disk", "size=2m") as place, Reserve(str(place)):
        journal = Journal(str(place / "journal"), str(place))
        journal.send({"event": "phase", "name": "x" * 4000})  # its block is nearly used up
        _fill(place)
        yield journal, place


def _fill(place: Path) -> None:
    with (place / "fill").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 16)):
                pass
        except OSError:
            return


def read(path):
    return [event for event in islice(events(str(path)), 100) if event]


def test_an_event_is_a_clean_line_that_only_we_may_read(journal, path):
    journal.send({"event": "phase", "name": "\x1b[31mswitch"})

    assert path.read_text() == '{"event": "phase", "name": "switch"}\n'
    assert path.stat().st_mode & 0o777 == 0o600


def test_nobody_answers_and_nobody_goes(journal):
    assert (journal.answer(), journal.gone(), journal.stopping) == (b"", False, False)


def test_events_come_in_order_up_to_the_end(journal, path):
    sent = [{"event": "phase", "name": name} for name in "abc"]
    for event in [*sent, END, {"event": "phase", "name": "late"}]:
        journal.send(event)

    assert list(events(str(path))) == [*sent, END]


@pytest.mark.parametrize("last", [END, {"event": "locked", "who": "bob"}])
def test_end_and_locked_end_it(journal, path, last):
    journal.send(last)

    assert list(events(str(path))) == [last]


def test_who_reads_ahead_is_told_that_there_is_no_more_yet(journal, path):
    found = events(str(path))

    assert next(found) is None
    journal.send({"event": "phase", "name": "a"})
    assert next(found) == {"event": "phase", "name": "a"}
    assert next(found) is None
    journal.send(END)
    assert list(found) == [END]


def test_half_a_line_waits_for_its_other_half(path):
    path.write_bytes(b'{"event": "pha')
    found = events(str(path))

    assert next(found) is None
    with path.open("ab") as file:
        file.write(b'se"}\n')
    assert next(found) == {"event": "phase"}


def test_a_line_that_a_power_cut_has_torn_is_passed_over(path, state):
    Journal(str(path), str(state)).send({"event": "start", "id": "a"})
    with path.open("ab") as file:
        file.write(b'{"event": "resu')

    after = Journal(str(path), str(state))
    after.send(END)

    assert list(events(str(path))) == [{"event": "start", "id": "a"}, END]


def test_what_is_no_text_is_passed_over(path, journal):
    path.write_bytes(b"\xff\x00\n")  # as after a crash of the file system
    journal.send(END)

    assert list(events(str(path))) == [END]


def test_milestones_are_said_in_words_for_the_logs_of_the_unit(journal, capfd):
    failed = {"event": "result", "id": "a", "state": "failed", "what": "no such user"}
    ok = {"event": "result", "id": "b", "state": "ok"}
    for event in ({"event": "phase", "name": "switch"}, ok, failed, END):
        journal.send(event)

    assert capfd.readouterr().out == "switch\nfailed: no such user\n"


def test_a_name_that_is_not_utf8_can_be_said(journal, capfd):
    journal.send({"event": "result", "id": "a", "state": "failed", "what": "static/caf\udce9"})

    assert capfd.readouterr().out == "failed: static/caf\n"


def test_a_link_in_its_place_is_not_followed(path, state):
    path.symlink_to(state / "elsewhere")

    with pytest.raises(OSError, match="symbolic link"):
        Journal(str(path), str(state))


def test_a_full_disk_frees_the_reserve(state):
    with Reserve(str(state)) as reserve:
        journal = Journal("/dev/full", str(state))
        with pytest.raises(OSError, match="No space left"):
            journal.send(END)
        assert not Path(*reserve.paths).exists()


def test_events_for_which_there_is_no_room_get_that_of_the_reserve(small_disk):
    journal, place = small_disk

    for event in [*MANY, END]:
        journal.send(event)

    assert read(place / "journal")[-1] == END
    assert not (place / ".reserve").exists()


def test_on_a_disk_that_fills_up_no_event_is_torn(small_disk):
    journal, place = small_disk

    for event in [*MANY, END]:
        journal.send(event)

    assert read(place / "journal")[1:] == [*MANY, END]
