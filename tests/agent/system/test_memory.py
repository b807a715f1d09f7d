"""Whether a second generation of processes fits beside the first, by this machine's own figures."""

import os

from flaskwright.agent.system import memory
from flaskwright.agent.system.memory import fits


def test_a_small_process_fits_and_a_multitude_does_not():
    ours, available = memory._taken(os.getpid()), memory._field("/proc/meminfo", "MemAvailable")
    assert 0 < ours < available

    assert fits([os.getpid()])
    assert not fits([os.getpid()] * (available // ours + 1))


def test_half_as_much_again_must_be_free():
    ours, available = memory._taken(os.getpid()), memory._field("/proc/meminfo", "MemAvailable")

    assert not fits([os.getpid()] * int(available / ours * 0.8))
    assert fits([os.getpid()] * int(available / ours * 0.5))


def test_a_process_that_has_ended_takes_nothing():
    assert fits([2**22 + 1])
    assert memory._taken(2**22 + 1) == 0


def test_where_nothing_is_known_of_the_memory_there_is_enough(monkeypatch):
    monkeypatch.setattr(memory.disk, "read", lambda path: b"")

    assert fits([os.getpid()])


def test_a_kernel_that_does_not_say_it(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 8 kB\nMemAvailable: no\n")

    assert memory._field(str(tmp_path / "meminfo"), "MemAvailable") == 0
    assert memory._field(str(tmp_path / "meminfo"), "MemTotal") == 8
