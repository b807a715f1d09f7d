import contextlib
import os
import signal
import socket
import stat
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flaskwright.agent.engine.errors import Failed
from flaskwright.agent.system import link_target
from flaskwright.agent.system import seal as sealing
from flaskwright.agent.system.seal import seal

from ..support import mounted

STRANGER = 12345
ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "file").write_text("text")
    (tree / "a" / "b" / "program").write_text("#!/bin/sh")
    (tree / "a" / "b" / "program").chmod(0o755)
    return tree


def everything(tree: Path) -> list[Path]:
    return [tree, *sorted(tree.rglob("*"))]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def give_away(tree: Path) -> None:
    for path in everything(tree):
        os.chown(path, STRANGER, STRANGER, follow_symlinks=False)


def acl(user: int) -> bytes:
    """An ACL that lets a user write, as the kernel has it."""
    entries = [(1, 7, -1), (2, 7, user), (4, 5, -1), (0x10, 7, -1), (0x20, 5, -1)]
    packed = (struct.pack("<HHI", tag, may, who & 0xFFFFFFFF) for tag, may, who in entries)
    return struct.pack("<I", 2) + b"".join(packed)


@ROOT
def test_everything_is_ours_and_nobody_else_can_write(tree: Path) -> None:
    (tree / "a").chmod(0o2777)
    (tree / "a" / "file").chmod(0o666)
    (tree / "a" / "link").symlink_to("file")
    give_away(tree)
    (tree / "a" / "b" / "program").chmod(0o6777)
    assert seal(str(tree)) == {}
    assert {path.lstat().st_uid for path in everything(tree)} == {0}
    assert {path.lstat().st_gid for path in everything(tree)} == {os.getegid()}
    assert mode(tree) == mode(tree / "a") == mode(tree / "a" / "b" / "program") == 0o755
    assert mode(tree / "a" / "file") == 0o644
    assert seal(str(tree)) == {}


@ROOT
def test_acls_capabilities_and_notes_go(tree: Path) -> None:
    for place in (tree / "a", tree / "a" / "file"):
        os.setxattr(place, "system.posix_acl_access", acl(STRANGER))
        with contextlib.suppress(OSError):  # not on every file system
            os.setxattr(place, "user.note", b"mine")
    os.setxattr(tree / "a", "system.posix_acl_default", acl(STRANGER))
    capability = struct.pack("<IIIII", 0x02000001, 1 << 7, 0, 0, 0)  # cap_setuid+ep
    os.setxattr(tree / "a" / "b" / "program", "security.capability", capability)
    seal(str(tree))
    assert [os.listxattr(path) for path in everything(tree) if os.listxattr(path)] == []
    assert [mode(path) for path in (tree / "a", tree / "a" / "file")] == [0o755, 0o755]


@pytest.mark.parametrize("target", ["file", "b/../file", "b", "missing", "../a/b", "itself"])
def test_a_link_that_stays_is_kept(tree: Path, target: str) -> None:
    (tree / "a" / "itself").symlink_to(target)
    assert seal(str(tree)) == {}
    assert os.readlink(tree / "a" / "itself") == target


LEAVING = ["/", "/etc/passwd", "../../..", "../../tree/a/file", "b/up/etc", "first", "b/up/../x"]


@pytest.mark.parametrize("target", LEAVING)
def test_a_link_that_leaves_is_refused_or_removed(tree: Path, target: str) -> None:
    """By itself, or on its way through another one."""
    (tree / "a" / "b" / "up").symlink_to("../../")
    if target.startswith("b/up"):
        (tree / "etc").symlink_to("/etc")
        target = target.replace("/x", "/../x")
    (tree / "a" / "first").symlink_to("b/second")
    (tree / "a" / "b" / "second").symlink_to("../../../out")
    (tree / "a" / "link").symlink_to(target)
    with pytest.raises(Failed, match=r"tree/(a|etc)") as failed:
        seal(str(tree))
    assert failed.value.why.startswith("this is a link that leaves it, to ")
    assert "a/link" in seal(str(tree), remove=True)
    assert not (tree / "a" / "link").is_symlink()
    assert seal(str(tree)) == {}


def test_a_link_may_leave_to_where_the_caller_says(tree: Path) -> None:
    (tree / "a" / "python").symlink_to("/usr/bin/python3")
    (tree / "a" / "python3").symlink_to("python")
    (tree / "a" / "trick").symlink_to("python/../../../etc")

    def is_interpreter(path: str, target: str) -> bool:
        return target == "/usr/bin/python3"

    assert list(seal(str(tree), is_interpreter, remove=True)) == ["a/trick"]
    assert (tree / "a" / "python3").is_symlink()


def test_pipes_sockets_and_devices_are_refused_or_removed(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tree / "a" / "pipe")
    with pytest.raises(Failed, match="tree/a/pipe is not taken"):
        seal(str(tree))
    monkeypatch.chdir(tree / "a")  # a socket's name has 107 bytes at most: unix(7)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            os.mknod(tree / "a" / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    found = seal(str(tree), remove=True)
    assert (found.pop("a/pipe"), found.pop("a/socket")) == ("a pipe", "a socket")
    assert set(found) <= {"a/null"}
    assert sorted(os.listdir(tree / "a")) == ["b", "file"]


@pytest.mark.parametrize("name", [b"a\nb", b"\x1b[2J", b"\xff", "a\u2028b".encode(), b"\xc2\x85"])
def test_names_that_are_no_plain_text(tree: Path, name: bytes) -> None:
    os.mkdir(os.path.join(os.fsencode(tree), name))
    (Path(os.fsdecode(os.path.join(os.fsencode(tree), name))) / "x").touch()
    with pytest.raises(Failed, match=r"tree/.* is not taken") as failed:
        seal(str(tree))
    assert failed.value.what.isprintable()
    assert list(seal(str(tree), remove=True)) == [os.fsdecode(name)]
    assert os.listdir(tree) == ["a"]


@pytest.mark.parametrize("name", ["naïve café.txt", "写真", "👩‍🔬", "a b", "ab\u00a0c"])
def test_names_of_people_stay(tree: Path, name: str) -> None:
    (tree / name).touch()
    assert seal(str(tree)) == {}
    assert (tree / name).exists()


def test_unwanted_names_go_whatever_they_are(tree: Path) -> None:
    (tree / "a" / "__pycache__" / "deep").mkdir(parents=True)
    (tree / "a" / "__pycache__" / "deep" / "x.pyc").touch()
    (tree / "a" / "b" / "__pycache__").symlink_to("/")
    (tree / "x.pyc").touch()
    gone = seal(str(tree), unwanted=lambda name: name == "__pycache__" or name.endswith(".pyc"))
    assert set(gone) == {"a/__pycache__", "a/b/__pycache__", "x.pyc"}
    assert len(everything(tree)) == 5


def test_a_file_with_another_name_becomes_one_of_its_own(tree: Path, tmp_path: Path) -> None:
    os.link(tree / "a" / "file", tree / "a" / "twin")
    os.link(tree / "a" / "file", tmp_path / "outside")
    os.utime(tree / "a" / "file", ns=(10**18, 10**18))
    seal(str(tree))
    (tmp_path / "outside").write_text("changed")
    for name in ("file", "twin"):
        status = (tree / "a" / name).stat()
        assert (status.st_nlink, status.st_mtime_ns, mode(tree / "a" / name)) == (1, 10**18, 0o644)
        assert (tree / "a" / name).read_text() == "text"
    assert sorted(os.listdir(tree / "a")) == ["b", "file", "twin"]


@ROOT
def test_a_hard_link_to_the_file_of_another_user_is_not_read(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "secret").chmod(0o600)
    give_away(tree)
    os.link(tmp_path / "secret", tree / "stolen")
    with pytest.raises(Failed, match="tree/stolen is not taken"):
        seal(str(tree))
    assert seal(str(tree), remove=True) == {}  # the tree is ours by now
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_hard_links_do_not_fill_the_disk(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "COPIED", 10)
    for number in range(3):
        os.link(tree / "a" / "file", tree / "a" / f"{number}")
    with pytest.raises(Failed) as failed:
        seal(str(tree))
    assert "hard links" in failed.value.why


def test_what_has_no_end_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = os.open(tree, os.O_RDONLY)
    for _ in range(200):
        os.mkdir("d", dir_fd=deep)
        below = os.open("d", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    os.close(deep)
    with pytest.raises(Failed) as failed:
        seal(str(tree))
    assert "more than 100 directories" in failed.value.why
    monkeypatch.setattr(link_target, "STEPS", 3)
    with pytest.raises(Failed) as failed:
        seal(str(tree / "a"))
        seal(str(tree))
    assert "too many" in failed.value.what


@contextlib.contextmanager
def swapped_with(victim: Path, tree: Path) -> Iterator[None]:
    """Have a process of the maker put links to `victim` in the place of directories, and back."""
    place = os.open(tree / "a", os.O_RDONLY)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(STRANGER)
        os.setuid(STRANGER)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for name in map(str, range(20)):
                with contextlib.suppress(OSError):
                    os.rename(name, name + ".aside", src_dir_fd=place, dst_dir_fd=place)
                    os.symlink(victim, name, dir_fd=place)
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=place)
                    os.rename(name + ".aside", name, src_dir_fd=place, dst_dir_fd=place)
        os._exit(0)
    try:
        yield
    finally:
        os.close(place)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@ROOT
def test_a_process_that_lives_on_wins_no_race(tree: Path, tmp_path: Path) -> None:
    victim, links, times, end = tmp_path / "victim", 0, 0, time.monotonic() + 30
    (victim / "below").mkdir(parents=True)
    (victim / "below" / "file").touch(0o600)
    os.chown(victim / "below" / "file", STRANGER + 1, STRANGER + 1)
    for number in range(20):
        (tree / "a" / str(number) / "below").mkdir(parents=True)
        (tree / "a" / str(number) / "below" / "file").touch()
    with swapped_with(victim, tree):
        while time.monotonic() < end and not (links and times > 100):
            times += 1
            give_to_the_stranger(tree)
            time.sleep(0.001)
            links += len(seal(str(tree), remove=True))
            assert [path for path in everything(tree) if path.is_symlink()] == []
            assert {path.lstat().st_uid for path in everything(tree)} == {0}
            for path in (tree / "a").glob("*.aside"):
                path.rename(path.with_suffix(""))
    assert links, "nothing was swapped in time"
    assert (victim / "below" / "file").stat().st_uid == STRANGER + 1
    assert mode(victim / "below" / "file") == 0o600


def give_to_the_stranger(tree: Path) -> None:
    """As it was built, without following what is swapped meanwhile."""
    os.chown(tree, STRANGER, STRANGER)
    for _, names, files, place in os.fwalk(tree):
        for name in names + files:
            with contextlib.suppress(OSError):
                os.chown(name, STRANGER, STRANGER, dir_fd=place, follow_symlinks=False)


def test_an_overlay_of_two_disks_is_one_tree(tmp_path: Path) -> None:
    with mounted(tmp_path / "low", "size=1m") as low, mounted(tmp_path / "up", "size=1m") as up:
        merged = tmp_path / "merged"
        for place in (merged, up / "files", up / "work"):
            place.mkdir()
        (low / "old").write_text("")
        layers = f"lowerdir={low},upperdir={up}/files,workdir={up}/work"
        subprocess.run(["mount", "-t", "overlay", "-o", layers, "overlay", str(merged)], check=True)
        try:
            (merged / "new").write_text("")
            assert seal(str(merged)) == {}
        finally:
            subprocess.run(["umount", str(merged)], check=True)
