"""A small agent, run by the real stage one: from memory, and from where it lies on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flaskwright.agent import loader
from flaskwright.agent.common.frames import STOP
from flaskwright.agent.system import agent_tree
from flaskwright.link import payload

from .pythons import PYTHONS
from .stage import Stage, digest, frame

MAIN = (
    "import sys\nfrom . import other\nfrom .other import value\n"
    "from .web.nginx.server import name\n"
    "def main(plan):\n"
    "    print(plan['mode'], __name__, __file__, other.__package__, value, name)\n"
    "    sys.stdout.flush()\n"
    "    return other.act()\n"
)
SOURCES = {
    "main": MAIN,
    "other": "value = 42\ndef act():\n    return 7\n",
    "web/http": "port = 80\n",
    "web/nginx/server": "from ..http import port\nname = '%s:%d' % (__name__, port)\n",
}
SAID = "agent 42 agent.web.nginx.server:80\n"
PLAN = {"mode": "check"}
Change = Callable[[Path], None]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def stage(state: Path, **changed: str) -> Stage:
    return Stage(state, {**SOURCES, **changed})


def put(local: Stage) -> Path:
    """Put a version on the host's disk."""
    with pytest.MonkeyPatch.context() as patch:
        sources = {path: text.encode() for path, text in local.sources.items()}
        patch.setattr(agent_tree, "_sources", lambda: sources)
        return Path(agent_tree.kept(str(local.state), "me@here"))


@pytest.mark.parametrize("python", PYTHONS)
def test_one_that_the_host_lacks_is_asked_for_and_runs_from_memory(
    state: Path, python: str
) -> None:
    local = Stage(state, SOURCES, python)
    assert local.run(PLAN) == (7, f"check agent.main agent/main.py {SAID}", "")
    assert local.asked


def test_one_that_lies_there_is_not_asked_for(state: Path) -> None:
    local = stage(state)
    place = put(local)
    assert local.run(PLAN) == (7, f"check agent.main {place}/agent/main.py {SAID}", "")
    assert not local.asked


def test_what_lies_there_is_the_folders_and_modules_compiled(state: Path) -> None:
    place = put(stage(state))
    found = {path.relative_to(place / "agent") for path in place.rglob("agent/**/*.py")}
    assert {str(path)[: -len(".py")] for path in found} == SOURCES.keys() | {
        "__init__", "web/__init__", "web/nginx/__init__",
    }  # fmt: skip
    for path in found:
        (compiled,) = (place / "agent" / path.parent).glob(f"__pycache__/{path.stem}.*.pyc")
        assert compiled.stat().st_size
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_run_adds_nothing_to_it(state: Path) -> None:
    local = stage(state)
    place = put(local)
    before = sorted(place.rglob("*"))
    local.run(PLAN)
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("there", [False, True])
def test_a_traceback_shows_the_lines(state: Path, there: bool) -> None:
    local = stage(state, other="value = 1\ndef act():\n    return 1 / 0  # here\n")
    place = f"{put(local)}/" if there else ""
    status, _, said = local.run(PLAN)
    assert (status, local.asked) == (1, not there)
    assert f'File "{place}agent/other.py", line 3, in act\n    return 1 / 0  # here' in said


def test_what_is_not_in_the_package_is_not_found(state: Path) -> None:
    assert "ImportError" in stage(state, main="from . import missing\n").run(PLAN)[2]
    assert "ModuleNotFoundError" in stage(state, main="from .web import tcp.x\n".replace(
        "from .web import tcp.x", "import agent.web.tcp")).run(PLAN)[2]  # fmt: skip


def rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"42", b"43"))


def edit(place: Path) -> None:
    rewritten(place / "agent" / "other.py")


def edit_compiled(place: Path) -> None:
    (path,) = place.glob("agent/__pycache__/other.*.pyc")
    path.write_bytes(path.read_bytes().replace(b"*\0\0\0", b"+\0\0\0"))


def cut(place: Path) -> None:
    os.truncate(place / "agent" / "web" / "http.py", 3)


def add(place: Path) -> None:
    (place / "json.py").write_text("import os\n")


def remove(place: Path) -> None:
    (place / "__main__.py").unlink()


def unseal(place: Path) -> None:
    (place / "seal").unlink()


def open_a_file(place: Path) -> None:
    (place / "agent" / "web" / "http.py").chmod(0o664)


def open_a_directory(place: Path) -> None:
    (place / "agent" / "web").chmod(0o777)


def open_it(place: Path) -> None:
    place.chmod(0o770)


def open_the_way(place: Path) -> None:
    place.parents[1].chmod(0o777)


def give_away(place: Path) -> None:
    os.chown(place / "agent" / "main.py", 65534, -1)


def lay_a_link(place: Path) -> None:
    place.rename(place.with_name("moved"))
    place.symlink_to("moved")


def lay_a_link_inside(place: Path) -> None:
    (place / "agent" / "web").rename(place / "web")
    (place / "agent" / "web").symlink_to("../web")


def lay_a_pipe(place: Path) -> None:
    os.mkfifo(place / "pipe")


def another(place: Path) -> None:
    """A version that is whole, under the name of this one."""
    other = put(stage(place.parents[1], other="value = 43\ndef act():\n    return 7\n"))
    place.rename(place.with_name("moved"))
    other.rename(place)


CHANGES = (
    edit, edit_compiled, cut, add, remove, unseal, open_a_file, open_a_directory, open_it,
    open_the_way, give_away, lay_a_link, lay_a_link_inside, lay_a_pipe, another,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_one_that_was_altered_or_that_others_may_write_does_not_run(
    state: Path, change: Change
) -> None:
    if change is give_away and os.geteuid():
        pytest.skip("only root gives files away")
    local = stage(state)
    change(put(local))
    assert local.run(PLAN) == (7, f"check agent.main agent/main.py {SAID}", "")
    assert local.asked


def test_the_way_may_lead_through_a_directory_where_nobody_takes_what_is_anothers(
    state: Path,
) -> None:
    local = stage(state)
    put(local)
    state.parent.chmod(0o1777)
    local.run(PLAN)
    assert not local.asked


def test_two_versions_stay_beside_each_other(state: Path) -> None:
    one, two = stage(state), stage(state, other="value = 43\ndef act():\n    return 7\n")
    for local in (one, two):
        put(local)
    for local, value in ((one, 42), (two, 43), (one, 42)):
        assert f" {value} " in local.run(PLAN)[1]
        assert not local.asked


@pytest.mark.parametrize("sent", [b"", b"100000\n", b"100000\nhalf of it"])
def test_one_that_is_cut_off_on_its_way_leaves_nothing_and_does_not_run(
    state: Path, sent: bytes
) -> None:
    local = stage(state)
    status, out, said = ended(local, sent)
    assert (status, out) == (1, b"")
    assert "cut off on its way" in said
    assert not state.exists()


def test_one_that_is_not_what_was_announced_does_not_run(state: Path) -> None:
    local = stage(state)
    status, out, said = ended(local, frame({**SOURCES, "other": "raise SystemExit(99)\n"}))
    assert (status, out, said) == (1, b"", "what came is not the agent that was announced\n")


def ended(local: Stage, sent: bytes) -> tuple[int, bytes, str]:
    """Answer the question for the agent with this, and go."""
    process = local.open(PLAN)
    assert process.stdin
    assert process.stdout
    process.stdout.readline()
    process.stdin.write(sent)
    process.stdin.close()
    out, said = local.hear(process)
    return process.returncode, out, said


@pytest.mark.parametrize("there", [False, True])
def test_a_stop_that_was_asked_for_meanwhile_is_not_lost(state: Path, there: bool) -> None:
    text = "def main(plan):\n    print(plan.get('stopping'))\n"
    local = stage(state, main=text)
    if there:
        put(local)
    process = local.open(PLAN)
    assert process.stdin
    process.stdin.write(b"%d\n%s" % (len(STOP), STOP))
    Stage.send(process, local.sources)
    assert local.hear(process)[0].splitlines()[-1] == (b"None" if there else b"True")


def test_both_sides_name_an_agent_alike() -> None:
    from .stage import modules

    assert payload.digest() == digest(modules())


def test_what_is_read_of_the_plan_leaves_the_rest_to_the_agent(state: Path) -> None:
    text = "import sys\ndef main(plan):\n    print(sys.stdin.buffer.readline())\n"
    local = stage(state, main=text)
    put(local)
    process = local.open(PLAN)
    assert process.stdin
    process.stdin.write(b"the next frame\n")
    process.stdin.flush()
    assert local.hear(process)[0] == b"b'the next frame\\n'\n"


def test_stop_is_spelled_alike() -> None:
    assert loader.STOP == STOP == payload.STOP


def test_one_that_lies_there_is_imported_before_there_is_a_plan(state: Path) -> None:
    local = stage(state, main="print('imported', flush=True)\n" + SOURCES["main"])
    put(local)
    process = local.begin()
    assert process.stdout
    assert process.stdout.readline() == b"imported\n"
    local.send(process, {"host_state": str(state), **PLAN})
    local.hear(process)
    assert process.returncode == 7


def test_whoever_goes_before_there_is_a_plan_is_not_answered_with_a_traceback(state: Path) -> None:
    process = stage(state).begin()
    assert process.communicate()[1].split(b"\n")[1:] == [b"the plan was cut off on its way", b""]
