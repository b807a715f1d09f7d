"""For the people who work on Flaskwright."""

from pathlib import Path

from invoke import Context

from flaskwright import local

ROOT = Path(__file__).parent.parent
CHECKS = (
    "ruff check .",
    "ruff format --check .",
    "mypy",
    "lint-imports",
    "python -m tests.lint",
    "python docs/generate.py --check",
)
# half of a host test is waiting, so two cores have work for four; order: tests/conftest.py
SHARED = "--numprocesses=4 --no-loadscope-reorder"


@local(
    help={
        "hosts": "Also boot throw-away hosts (default: yes).",
        "whole": "Also what takes long: every Debian release, every fault.",
        "options": "Further options of pytest, or the tests to run.",
    }
)
def test(c: Context, hosts: bool = True, whole: bool = False, options: str = "") -> None:
    """Run the fast tests and the real-host tests."""
    from invocations import pytest

    chosen = [SHARED, options, "--whole" if whole else "", "" if hosts else "-m 'not host'"]
    with c.cd(ROOT):
        c.run(f"python -m tests.needs{' --hosts' if hosts else ''}")
        pytest.test(c, verbose=False, color=False, capture="fd", opts=" ".join(chosen), pty=False)


@local()
def check(c: Context) -> None:
    """Run the linters, the type checker, the import contracts and the generated pages' check."""
    with c.cd(ROOT):
        for command in CHECKS:
            c.run(command)


@local()
def docs(c: Context) -> None:
    """Write the generated parts of docs/ anew."""
    with c.cd(ROOT):
        c.run("python docs/generate.py")
