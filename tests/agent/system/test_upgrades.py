"""Upgrades, with an apt-get that says what it would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flaskwright.agent.engine.output import Output
from flaskwright.agent.engine.run import Run
from flaskwright.agent.system import dpkg, packages, upgrades

from ..support import AnsweredRun, Operator, fields, result

SIMULATED = """\
Reading package lists...
The following packages have been kept back:
  big nginx
Inst curl [7.88.1] (7.88.2 Debian:12.9/stable [amd64]) []
Inst linux-image-6.1.0-30 (6.1.124-1 Debian:12.9/stable [amd64])
Conf curl (7.88.2 Debian:12.9/stable [amd64])
"""
STATUS = "Package: nginx\nStatus: hold ok installed\nVersion: 1\n"
UPGRADED = fields("upgraded", "packages")


class Apt:
    """Runs nothing; `upgrade` leaves nothing newer, unless it `fails`."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.simulated = SIMULATED
        self.fails = ""

    def __call__(self, argv: list[str], **how: Any) -> Output:
        self.calls.append(argv)
        if self.fails in argv:
            return Output("apt-get", 100, "", "", ["E: Failed to fetch it"])
        text = self.simulated if "-s" in argv else ""
        if argv[1] == "upgrade":
            self.simulated = self.simulated.partition("Inst")[0]
        return Output("apt-get", 0, text, "", text.splitlines())

    def verbs(self) -> list[str]:
        return [
            argv[3] if argv[1] == "-s" else argv[1]
            for argv in self.calls
            if "--print-uris" not in argv
        ]


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Apt:
    apt = Apt()
    monkeypatch.setattr(dpkg, "LOCKS", ())
    monkeypatch.setattr(packages, "LISTS", str(tmp_path))
    monkeypatch.setattr(packages.Apt, "_finish_interrupted", lambda self: None)
    (tmp_path / "mirror_dists_x").touch()
    (tmp_path / "status").write_text(STATUS)
    monkeypatch.setattr(dpkg, "STATUS", str(tmp_path / "status"))
    monkeypatch.setattr(upgrades, "REBOOT", str(tmp_path / "reboot-required"))
    monkeypatch.setattr(upgrades, "KERNELS", str(tmp_path / "vmlinuz-*"))
    return apt


@pytest.fixture
def run(operator: Operator, apt: Apt) -> Run:
    made = AnsweredRun(operator.wire)
    made.answers = apt
    return made


@pytest.fixture
def dry_run(operator: Operator, apt: Apt) -> Run:
    made = AnsweredRun(operator.wire, "check")
    made.answers = apt
    return made


def notices(operator: Operator) -> list[str]:
    return [event["text"] for event in operator.events() if event["event"] == "notice"]


def test_a_dry_run_names_what_is_newer_and_what_is_held(
    dry_run: Run, operator: Operator, apt: Apt
) -> None:
    found = result(dry_run, UPGRADED)
    assert found["state"] == "would change"
    assert found["diff"] == [
        "curl 7.88.1 -> 7.88.2",
        "linux-image-6.1.0-30 6.1.124-1, which others need",
    ]
    assert notices(operator) == ["held, so not upgraded: nginx", "kept back by apt: big"]
    assert apt.verbs() == ["upgrade"]


def test_lists_that_were_never_fetched_are_needed_first(
    dry_run: Run, apt: Apt, tmp_path: Path
) -> None:
    (tmp_path / "mirror_dists_x").unlink()
    assert result(dry_run, UPGRADED)["note"] == "after the package lists are fetched"


def test_it_fetches_upgrades_and_says_that_a_reboot_is_wanted(
    run: Run, operator: Operator, apt: Apt, tmp_path: Path
) -> None:
    (tmp_path / "reboot-required").touch()
    done = result(run, UPGRADED)
    assert done["state"] == "changed"
    assert apt.verbs() == ["update", "upgrade", "upgrade", "upgrade"]
    (upgrading,) = [argv for argv in apt.calls if argv[:2] == ["apt-get", "upgrade"]]
    assert "Dpkg::Options::=--force-confold" in upgrading
    assert notices(operator)[-1].startswith("a reboot is wanted")
    assert result(run, UPGRADED) == {"state": "ok"}


def test_a_kernel_that_came_since_the_boot_wants_a_reboot(apt: Apt, tmp_path: Path) -> None:
    assert not upgrades.wants_reboot()
    (tmp_path / "vmlinuz-7").touch()
    assert upgrades.wants_reboot()


@pytest.mark.parametrize(
    ("fails", "what"),
    [
        ("update", "the package lists were not fetched"),
        ("-s", "apt-get cannot tell what it would do"),
        ("-y", "the packages were not upgraded"),
    ],
)
def test_what_fails_is_told_in_apt_s_words(run: Run, apt: Apt, fails: str, what: str) -> None:
    apt.fails = fails
    failed = result(run, UPGRADED)
    assert (failed["what"], failed["log"]) == (what, ["E: Failed to fetch it"])
