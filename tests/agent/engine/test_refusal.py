import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from flaskwright.agent.engine import refusal
from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.engine.run import Run

from ..support import file_fields, mounted, names, result


@pytest.fixture
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    with mounted(tmp_path / "disk", request.param) as place:
        yield place


@pytest.mark.parametrize(
    ("small_disk", "why"),
    [
        ("size=64k", "the disk is full: 0 MB free on {disk}"),
        ("nr_inodes=1", "the disk is full: no inodes free on {disk}"),
        ("ro", "{disk} is mounted read-only; after a disk error Linux does that"),
    ],
    indirect=["small_disk"],
)
def test_a_disk_that_refuses(run: Run, small_disk: Path, why: str) -> None:
    found = result(run, file_fields(small_disk / "a", "x" * 100_000))
    assert (found["state"], found["why"]) == ("failed", why.format(disk=small_disk))
    assert names(small_disk) == []


@pytest.mark.parametrize("small_disk", ["size=64k"], indirect=True)
def test_a_program_that_speaks_of_a_full_disk(run: Run, small_disk: Path) -> None:
    script = f"head -c 100000 /dev/zero > {small_disk}/a"
    with pytest.raises(Failed) as failed:
        run.command(["sh", "-c", "exec 2>&1; " + script])
    failed.value.log = [f"E: write {small_disk}/a: No space left on device"]
    assert refusal.explained(failed.value).why == f"the disk is full: 0 MB free on {small_disk}"


def test_a_disk_that_has_room_again(tmp_path: Path) -> None:
    error = OSError(errno.ENOSPC, "No space left on device")
    assert "the disk" in refusal.failure("file:/a", error, str(tmp_path)).why


def test_other_failures_are_left_as_they_are() -> None:
    failed = refusal.explained(Failed("a", "b", ["c"], "d"))
    assert (failed.what, failed.why, failed.log, failed.next) == ("a", "b", ["c"], "d")
