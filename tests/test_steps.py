import inspect

import pytest

from fabfile import ns
from flaskwright.resources.base import Planned
from flaskwright.resources.system import Packages
from flaskwright.run import runner
from flaskwright.steps import (
    EngineTask,
    HostTask,
    local,
    operation,
    question,
    step,
)
from tests.hosts_file import host_in


@step
def install_it(host):
    """Install it."""
    yield Packages(("it",))


@step
def start_it(host):
    """Start it."""
    yield from install_it.resources(host)
    yield Packages(("more",))


def test_resources_keep_the_name_of_the_step_that_they_come_from(tmp_path):
    planned = list(start_it.resources(host_in(tmp_path)))

    assert planned == [
        Planned("test-steps.install-it", Packages(("it",))),
        Planned("test-steps.start-it", Packages(("more",))),
    ]


def test_further_parameters_become_flags_without_letters():
    @operation(help={"ref": "Which."})
    def deploy(host, ref=""):
        """Deploy."""
        yield Packages((ref,))

    flags = {argument.name: argument for argument in deploy.get_arguments()}
    assert set(flags) == {"ref", "dry_run", "json", "verbose"}
    letters = [name for argument in flags.values() for name in argument.names if len(name) == 1]
    assert letters == ["v"]
    assert flags["ref"].help == "Which."


def test_a_question_has_no_dry_run():
    @question()
    def look(host):
        """Look."""
        yield Packages(())

    assert [argument.name for argument in look.get_arguments()] == ["json"]


def test_a_dry_run_asks_nobody(monkeypatch):
    @operation()
    def drop(host, yes=False):
        """Drop."""
        yield Packages(())

    told = []
    monkeypatch.setattr(runner, "run", lambda c, calls, dry_run: told.append(calls[0][1]))
    drop.body(None, yes=False, dry_run=True)
    drop.body(None, yes=False)
    assert told == [{"yes": True}, {"yes": False}]


def test_marks_say_what_the_executor_does_with_a_task():
    @local()
    def up(c):
        """Up."""

    assert (up.kind, up.remote, up.makes) == ("local", False, False)
    assert (install_it.kind, install_it.remote, install_it.makes) == ("step", True, True)


def _tasks(collection, prefix=""):
    for name, task in collection.tasks.items():
        yield prefix + name, task
    for name, part in collection.collections.items():
        yield from _tasks(part, f"{name}.")


ALL = dict(_tasks(ns))


@pytest.mark.parametrize("name", ALL)
def test_each_task_is_ours_named_with_dashes_and_has_a_sentence_of_help(name):
    task = ALL[name]

    assert isinstance(task, EngineTask)
    assert "_" not in name
    assert inspect.getdoc(task.body).splitlines()[0].endswith((".", ")."))
    if isinstance(task, HostTask):
        assert task.full_name == name


def test_only_logs_and_what_can_be_verbose_have_short_flags():
    flags = {
        name: [flag for each in task.get_arguments() for flag in each.names if len(flag) == 1]
        for name, task in ALL.items()
    }
    short = {name: flags[name] for name in flags if flags[name]}

    assert short.pop("logs") == ["f", "n"]
    assert set(map(tuple, short.values())) == {("v",)}
    assert {"deploy", "setup", "rollback", "attach", "nginx.site"} <= short.keys()
