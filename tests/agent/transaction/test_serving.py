"""The switch between releases: canary, cut-over, and a look at what serves."""

import pytest

from flaskwright.agent.app.history import SERVING
from flaskwright.agent.engine.errors import Stopped
from flaskwright.agent.transaction import cutover, serving

from ..slot_host import NEW, OLD, ONE, TWO
from ..support import handler, result


@pytest.fixture
def host(slots, impatient):
    return slots


def deploy(host, release=NEW, **more):
    """Run the switch to a release within an open transaction; gives the result and the run."""
    host.begin()
    run = host.run()
    run.about.release = release
    return result(run, host.serving()), run


@pytest.mark.parametrize(
    ("live", "served", "release", "before"),
    [
        ("", [], NEW, ""),
        (OLD, [OLD], NEW, OLD),
        (OLD, [], NEW, OLD),  # not of our making, but what is served
        (NEW, [OLD], NEW, OLD),  # a run was cut off after the switch
        (NEW, [OLD, NEW], NEW, NEW),  # it served, and does not now
        ("", [OLD, "removed"], NEW, OLD),
    ],
)
def test_the_release_to_go_back_to(host, live, served, release, before):
    host.releases.switch(live)
    for one in served:
        host.verdicts.add(id=one, verdict=SERVING)

    assert handler(host.run(), host.serving())._before(release) == before


def test_a_dry_run_waits_for_the_release(host):
    dry = host.run("check")
    dry.about.release = ""

    waiting = result(dry, host.serving())

    assert (waiting["state"], waiting["note"]) == ("would run", "after the release is made")


def test_a_release_is_tried_switched_to_and_looked_at(host, operator):
    host.serve(OLD)

    done, run = deploy(host)

    assert done["state"] == "changed", done
    assert done["note"] == f"boots in {run.about.boot:.1f} s"
    assert host.runs() == {TWO: NEW}
    assert host.releases.current() == NEW
    phases = [event["name"] for event in operator.events() if event["event"] == "phase"]
    assert phases == ["canary", "switch", "verify"]
    pending = host.pending.read()
    assert (pending["release"], pending["before"], pending["switched"]) == (NEW, OLD, True)


def test_a_second_time_there_is_nothing_to_do(host):
    host.serve(OLD)

    done, _ = deploy(host, OLD)

    assert done["state"] == "ok"
    assert host.systemd.calls() == []


@pytest.mark.parametrize("trouble", ["stopped", "socket closed", "old processes", "unwell"])
def test_a_live_release_that_does_not_serve_is_put_live_again(host, trouble):
    host.serve(OLD if trouble == "old processes" else NEW)
    host.releases.switch(NEW)
    if trouble == "stopped":
        host.run().command(["systemctl", "stop", ONE])
    elif trouble == "socket closed":
        host.systemd.put("blog.socket", "inactive")
    elif trouble == "unwell":
        host.says(500)
    would = result(host.run("check"), host.serving())
    done, _ = deploy(host)

    assert would["state"] == "would change"
    assert done["state"] == ("failed" if trouble == "unwell" else "changed"), done
    assert list(host.runs().values()) == [NEW]


def test_a_canary_that_is_not_well_is_the_end_before_anything_is_switched(host, operator):
    host.serve(OLD)
    host.says(500, "flaskwright.canary.blog")

    failed, run = deploy(host)

    assert failed["what"] == f"release {NEW} is not well: / answers 500"
    assert failed["why"].endswith("tried where no visitor comes, and nothing was switched")
    assert host.runs() == {ONE: OLD}
    assert "switched" not in host.pending.read()
    assert not run.about.undo


@pytest.mark.parametrize(
    ("status", "complaint", "advice"),
    [
        (500, "/ answers 500", "correct it (or `health` in hosts.toml)"),
        (404, "/ answers 404", 'health = "/A-PAGE-IT-HAS" in hosts.toml'),
        (
            0,
            "/ gives no answer: the connection was closed without an answer",
            "correct it (or `wsgi`, `health` in hosts.toml)",
        ),
    ],
)
def test_a_release_that_is_not_well_after_the_switch_is_told(host, status, complaint, advice):
    host.serve(OLD)
    host.says(status)

    failed, _ = deploy(host)

    assert failed["what"] == f"release {NEW} does not serve: {complaint}"
    assert failed["next"].startswith(advice)


def test_one_that_hangs_is_asked_once(host, monkeypatch):
    host.serve(OLD)
    asked = []

    def hangs(address, *given, **named):
        asked.append(address)
        raise TimeoutError("timed out")

    monkeypatch.setattr(serving, "ask", hangs)
    monkeypatch.setattr(serving, "PATIENCE", 0.0)

    failed, _ = deploy(host)

    assert failed["what"] == f"release {NEW} does not serve: / gives no answer: timed out"
    assert len(asked) == 1


def test_a_release_that_is_well_once_only_is_told_in_the_same_words(host, monkeypatch):
    host.serve(OLD)
    monkeypatch.setattr(serving.Serving, "must_serve", lambda handler, release: host.says(500))

    failed, _ = deploy(host)

    assert failed["what"] == f"release {NEW} does not serve: / answers 500"
    assert failed["next"].startswith("correct it (or `health` in hosts.toml)")


def test_processes_of_another_release_beside_it_are_told(host, monkeypatch):
    host.serve(OLD)
    monkeypatch.setattr(cutover.CutOver, "_end_others", lambda cutover, slot: None)

    failed, _ = deploy(host)

    assert failed["what"] == f"release {NEW} does not serve: it runs from {OLD}, {NEW}"


def test_an_old_slot_may_take_a_moment_to_begin_its_end(host, monkeypatch):
    host.serve(OLD)

    def pauses():
        yield 0.0
        host.run().command(["systemctl", "stop", ONE])
        yield 0.0

    monkeypatch.setattr(cutover.CutOver, "_end_others", lambda cutover, slot: None)
    monkeypatch.setattr(serving, "PAUSES", pauses())

    result, _ = deploy(host)

    assert result["state"] == "changed", result
    assert host.runs() == {TWO: NEW}


@pytest.mark.parametrize(("dropped", "state"), [(2, "changed"), (6, "failed")])
def test_requests_that_an_old_gunicorn_drops_are_made_again(host, dropped, state):
    host.serve(OLD)
    host.drops(dropped)

    assert deploy(host)[0]["state"] == state


def test_the_exception_of_the_app_is_the_reason(host):
    host.serve(OLD)
    host.says(500)
    own = f'  File "{host.root}/releases/{NEW}/code/app.py", line 1, in index'
    host.systemd.says("Traceback (most recent call last):", own, "    1 / 0", "ValueError: oops")

    failed, _ = deploy(host)

    assert (failed["what"], failed["why"]) == ("ValueError: oops", f"release {NEW} does not serve")
    assert failed["log"] == [
        '  File "code/app.py", line 1, in index',
        "    1 / 0",
        "ValueError: oops",
    ]


def test_a_slot_that_does_not_start_is_told(host):
    host.serve(OLD)
    host.systemd.breaks(TWO)

    failed, _ = deploy(host)

    assert failed["what"] == "the app ended while it was started, without a word"
    assert host.runs() == {ONE: OLD}


@pytest.mark.parametrize(
    ("served", "undo"),
    [
        ([OLD], "rollback"),
        ([], ""),
        ([OLD, "20261120-105000-ccccccc"], f"rollback --to {OLD}"),
    ],
)
def test_the_way_back_is_told(host, served, undo):
    if served:
        host.serve(OLD)
    for other in served[1:]:  # rolled back from
        host.make(other)
        host.verdicts.add(id=other, verdict=SERVING)

    _, run = deploy(host)

    assert run.about.undo == undo


def test_a_stop_in_the_middle_of_the_switch_is_told_as_what_it_is(host, monkeypatch):
    host.serve(OLD)

    def stop(cutover, release):
        raise Stopped("stopped", "as asked", next="run the same command again")

    monkeypatch.setattr(cutover.CutOver, "to", stop)
    stopped, _ = deploy(host)

    assert (stopped["what"], stopped["why"]) == ("stopped", "as asked")
