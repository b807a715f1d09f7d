"""Commands whose output goes to the operator as it comes, and nginx's lines about one site."""

import os
import subprocess
import threading
import time

import pytest

from flaskwright.agent.app.releases import Releases
from flaskwright.agent.common.place import Place
from flaskwright.agent.engine.errors import Gone
from flaskwright.agent.engine.streaming import _Lines, lines_of
from flaskwright.agent.web.nginx import error_log

from ..app_host import AppHost
from ..support import fields, handler, result


@pytest.fixture
def host(tmp_path, operator, monkeypatch):
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    host.has("one")
    return host


def command(host, script):
    argv = ["sh", "-c", script]
    return fields("app-command", argv=argv)


def test_both_streams_and_the_status_come_as_they_are(host, operator):
    script = "echo one; echo oops >&2; printf 'two \\303\\244\\033[1m\\nrest'; exit 7"
    done = result(host.run("check"), command(host, script))

    assert done["answer"] == {"status": 7}
    events = operator.events()
    out, err = (
        "".join(each["text"] for each in events if each.get("stream") == name)
        for name in ("out", "err")
    )
    assert (out, err) == ("one\ntwo ä\nrest", "oops\n")


def test_a_signal_is_told_as_a_shell_does(host):
    assert result(host.run("check"), command(host, "kill -9 $$"))["answer"] == {"status": 137}


def test_what_a_command_leaves_behind_is_not_waited_for(host):
    began = time.monotonic()
    done = result(host.run("check"), command(host, "sleep 5 & exit 0"))

    assert done["answer"] == {"status": 0}
    assert time.monotonic() - began < 3


def test_a_command_ends_when_the_operator_has_gone(host, operator, tmp_path):
    note = tmp_path / "pid"
    threading.Timer(0.5, operator.leave).start()

    with pytest.raises(Gone):
        handler(host.run("check"), command(host, f"echo $$ >{note}; sleep 60")).act()

    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_without_a_release_there_is_nothing_to_run_in(host):
    Releases(host.place).switch("")

    assert result(host.run("check"), command(host, "true"))["what"].endswith(
        "no release to run it in"
    )


REFUSED = (
    "2026/11/20 14:44:19 [error] 1401#1401: *7 connect() to unix:/run/{}.sock failed "
    "(111: Connection refused) while connecting to upstream, server: {}, "
    'request: "GET / HTTP/1.1", upstream: "http://unix:/run/{}.sock:/"'
)


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        (REFUSED.format("blog", "blog.test", "blog"), True),
        (REFUSED.format("blog", "_", "blog"), True),
        (REFUSED.format("shop", "shop.test", "shop"), False),
        (REFUSED.format("myblog", "myblog.test", "myblog"), False),
        ('… [error] open() "/srv/blog/x" failed, client: ::1, server: blog.test, request: "', True),
        ("2026/11/20 14:44:19 [emerg] 1#1: bind() to 0.0.0.0:80 failed", False),
    ],
)
def test_lines_about_a_site(line, ours):
    assert error_log.of_site(Place("blog"), ("blog.test", "www.blog.test"))(line) is ours


def test_nginx_writes_local_time(monkeypatch):
    line = REFUSED.format("blog", "blog.test", "blog")
    try:
        monkeypatch.setenv("TZ", "UTC-2")
        time.tzset()
        written = error_log.seconds(line)
    finally:
        monkeypatch.undo()
        time.tzset()
    date = subprocess.run(
        ["date", "-u", "-d", f"@{written}", "+%T"], check=True, capture_output=True, text=True
    )
    assert date.stdout == "12:44:19\n"
    assert error_log.seconds("torn") == 0.0


class Taken:
    """What a reader of a pipe has passed on."""

    def __init__(self, *pieces: bytes, longest: int = 100) -> None:
        self.texts: list[str] = []
        lines = _Lines(self.texts.append, longest)
        for piece in pieces:
            assert lines.add(piece)
        self.at_last = list(self.texts)
        assert not lines.add(b"")


def test_lines_of_a_pipe_are_passed_on_whole():
    taken = Taken(b"one\ntw", b"o\nthr\xc3", b"\xa4")
    assert taken.at_last == ["one\n", "two\n"]
    assert "".join(taken.texts) == "one\ntwo\nthrä"


def test_a_long_line_is_passed_on_in_pieces():
    taken = Taken(*[b"x" * 30] * 10)
    assert max(map(len, taken.texts)) <= 130
    assert "".join(taken.texts) == "x" * 300
    assert len(taken.at_last) == 2


def test_a_line_without_an_end_costs_no_more_than_others():
    began = time.monotonic()
    taken = Taken(*[b"x" * 1000] * 20_000, longest=1 << 30)
    assert len("".join(taken.texts)) == 20_000_000
    assert time.monotonic() - began < 5


def test_lines_of_a_pipe_that_are_too_long_are_cut():
    argv = ["python3", "-c", "print('x' * 1000); print('a\\u2028b'); print('rest', end='')"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert list(lines_of(process.stdout, 10)) == [b"x" * 10, "a\u2028b".encode()]
