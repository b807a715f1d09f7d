import io
import json
import os
import threading

import pytest
from invoke import Exit

from flaskwright.agent.common.subject import Subject
from flaskwright.errors import StepFailed
from flaskwright.plan import plan
from flaskwright.report import console
from flaskwright.report.console import Console
from flaskwright.report.report import HostReport, Outcome
from tests.hosts_file import host_in


@pytest.fixture
def screen(monkeypatch):
    """A console whose two streams the test reads."""
    here = Console(io.StringIO(), io.StringIO())
    monkeypatch.setattr(console, "_console", here)
    return here


@pytest.fixture
def report(tmp_path):
    return lambda *outcomes, mode="apply", **facts: HostReport(
        plan.make(host_in(tmp_path), []), mode, list(outcomes), Subject(facts), 1.25
    )


def test_a_result_goes_to_stdout_and_what_accompanies_it_to_stderr(screen):
    console.say("result")
    console.tell("progress")

    assert (screen.out.getvalue(), screen.err.getvalue()) == ("result\n", "progress\n")


def test_nothing_to_do_is_said_with_how_much_was_looked_at(screen, report):
    console.result(report(Outcome("file:/a", "s", "ok"), Outcome("file:/b", "s", "ok")))

    assert screen.err.getvalue() == "pi  nothing to do, 2 checked  1.2 s\n"


def test_a_dry_run_shows_each_diff(screen, report):
    change = Outcome("file:/a", "s", "would change", diff=("-old", "+new"), note="keeps it")
    console.result(report(change, mode="check"))

    shown = screen.out.getvalue()
    assert shown == "would change  file:/a  (s)\n    -old\n    +new\n    keeps it\n"
    assert "1 of 1 would change" in screen.err.getvalue()


def test_a_failure_says_what_why_the_lines_that_matter_and_what_next(screen):
    error = StepFailed("it broke", why="it was old", log=["line one"], next="buy a new one")
    console.failure("pi", error)

    assert screen.err.getvalue().splitlines() == [
        "pi  failed  it broke",
        "  why   it was old",
        "  | line one",
        "  next  buy a new one",
    ]


def test_a_deploy_that_failed_says_what_is_live(screen, report):
    failed = Outcome("serving", "deploy", "failed", what="it broke", next="mend it", kind="serving")
    console.result(report(failed, serves="20260102-030405-bbbbbbb"))

    assert screen.err.getvalue().splitlines() == [
        "pi  failed  it broke",
        "  live  release 20260102-030405-bbbbbbb",
        "  next  mend it",
        "pi  0 changed before it  1.2 s",
    ]
    assert screen.out.getvalue() == ""


def test_a_first_deploy_that_failed_says_that_nothing_is_live(screen, report):
    console.result(report(Outcome("file:/a", "s", "failed", what="it broke"), serves=""))

    assert "  live  nothing yet" in screen.err.getvalue().splitlines()


def test_where_a_person_must_look_it_says_at_what(screen, report):
    failed = Outcome("serving", "deploy", "failed", what="it broke", next="mend it", kind="serving")
    console.result(report(failed, serves="b", person="release a did not come back: no memory"))

    lines = screen.err.getvalue().splitlines()
    assert lines[2:4] == ["  look  release a did not come back: no memory", "  next  mend it"]


def test_what_was_followed_is_told_as_changes(screen, report):
    done = Outcome(
        "attach", "attach", "done", answer={"transaction": "20260102-030405-000"}, kind="attach"
    )
    serving = Outcome("serving", "deploy", "changed", kind="serving")
    console.result(report(serving, done, mode="check"))

    assert screen.err.getvalue() == "pi  1 of 2 changed  1.2 s\n"


def test_a_failure_says_what_stays_of_a_migration_and_what_to_look_at(screen, report):
    failed = Outcome(
        "serving", "s", "failed", what="it broke", next="buy a new one", kind="serving"
    )
    console.result(report(failed, serves="r1", ahead="the schema is ahead", person="a backup"))

    assert screen.err.getvalue().splitlines()[1:5] == [
        "  live  release r1",
        "  data  the schema is ahead",
        "  look  a backup",
        "  next  buy a new one",
    ]


def test_a_deploy_ends_with_the_site_and_how_to_undo_it(screen, report):
    serving = Outcome("serving", "s", "changed", kind="serving")
    facts = {"release": "20260102-030405-bbbbbbb", "commit": "b" * 40, "undo": "rollback"}
    facts["subject"] = "Guests may sign"
    console.result(report(serving, **facts))

    assert screen.out.getvalue().splitlines() == [
        "http://192.0.2.7/",
        "  release 20260102-030405-bbbbbbb",
        "  commit  bbbbbbb  Guests may sign",
        "  look    curl http://192.0.2.7/",
        "  undo    ./fab -H pi rollback",
    ]


def test_without_another_release_before_there_is_nothing_to_undo(screen, report):
    serving = Outcome("serving", "s", "ok", kind="serving")
    console.result(report(serving, release="20260102-030405-bbbbbbb", commit="b" * 40))

    assert "undo" not in screen.out.getvalue()


def test_a_rollback_to_what_is_live_says_that_there_is_nothing_to_do(screen, report):
    outcomes = (
        Outcome("earlier", "s", "done", answer={}, kind="earlier"),
        Outcome("serving", "s", "ok", kind="serving"),
    )
    console.result(report(*outcomes, release="20260102-030405-bbbbbbb"))

    assert screen.err.getvalue() == "pi  nothing to do, 2 checked  1.2 s\n"


def test_who_has_read_enough_is_no_failure(screen):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as screen.out:
        console.say("more")
        console.say("than was wanted")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as screen.out, pytest.raises(Exit):
        console.output("pi", "a line of a program that has no other end\n", "out")


def test_rows_are_a_table_and_an_empty_list_is_none(screen, report):
    rows = [
        {"release": "b", "commit": "b" * 40, "live": True},
        {"release": "a", "commit": "a" * 40, "live": False},
    ]
    for listed in (rows, []):
        console.result(report(Outcome("x", "s", "done", answer={"releases": listed})))

    assert screen.out.getvalue().splitlines() == [
        "release  commit        live",
        "b        bbbbbbbbbbbb  live",
        "a        aaaaaaaaaaaa",
        "releases: none",
    ]


def test_what_is_listed_has_its_name(screen, report):
    console.result(report(Outcome("x", "s", "done", answer={"workers": [17, 18]})))
    assert screen.out.getvalue() == "workers:\n    17\n    18\n"


def test_json_is_one_object_whatever_happened(screen, report):
    console.use_json()
    console.say("not shown")
    console.result(report(Outcome("file:/a", "s", "ok")))
    console.failure("web", StepFailed("it broke"))
    screen.finish()

    shown = json.loads(screen.out.getvalue())
    assert shown["hosts"]["pi"]["outcomes"][0]["id"] == "file:/a"
    assert shown["hosts"]["web"] == {"exit_code": 1, "error": "it broke", "why": ""}


def test_columns_are_as_wide_as_their_widest_cell(screen):
    console.table([("a", "b", "c"), ("long one", "", "x")])

    assert screen.out.getvalue() == "a         b  c\nlong one     x\n"


def test_a_host_cannot_write_control_sequences(screen):
    console.tell("\x1b[2Jtext\x07")

    assert screen.err.getvalue() == "text\n"


def test_what_a_host_says_stands_under_its_name(screen):
    with console.part_of("pi", at_once=True):
        console.output("pi", "one\ntwo\n", "out")
        console.say("three")
    with console.part_of("attic", at_once=True):
        console.output("attic", "four\n", "out")

    assert screen.out.getvalue() == "==> pi <==\none\ntwo\nthree\n\n==> attic <==\nfour\n"


def test_what_hosts_say_at_a_time_is_not_mixed(screen):
    with console.part_of("pi", at_once=False):
        console.say("one")
        other = threading.Thread(target=_of_another)
        other.start()
        other.join()
        console.say("two")

    assert screen.out.getvalue() == "==> attic <==\nother\n\n==> pi <==\none\ntwo\n"


def _of_another():
    with console.part_of("attic", at_once=False):
        console.say("other")
