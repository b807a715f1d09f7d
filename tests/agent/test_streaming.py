"""Commands whose output goes to the operator as it comes, and nginx's lines about one site."""

import json
import os
import subprocess
import threading
import time

import pytest

from flaskwright.agent import errorlog
from flaskwright.agent.errors import Gone
from flaskwright.agent.logs import _entry
from flaskwright.agent.releases import Releases

from .app_host import AppHost
from .support import ME, fields, handler, result


@pytest.fixture
def host(tmp_path, operator, monkeypatch):
    host = AppHost(tmp_path, operator)
    host.builds(monkeypatch)
    host.has("one")
    return host


def command(host, script):
    argv = ["sh", "-c", script]
    return fields("app-command", app_root=str(host.root), app=ME, argv=argv)


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
    Releases(str(host.root)).switch("")

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
    assert errorlog.of_site("blog", ("blog.test", "www.blog.test"))(line) is ours


def test_nginx_writes_local_time(monkeypatch):
    line = REFUSED.format("blog", "blog.test", "blog")
    try:
        monkeypatch.setenv("TZ", "UTC-2")
        time.tzset()
        written = errorlog.seconds(line)
    finally:
        monkeypatch.undo()
        time.tzset()
    date = subprocess.run(
        ["date", "-u", "-d", f"@{written}", "+%T"], check=True, capture_output=True, text=True
    )
    assert date.stdout == "12:44:19\n"
    assert errorlog.seconds("torn") == 0.0


def test_a_journal_entry_that_is_not_utf8():
    line = (
        b'{"__CURSOR":"c","__REALTIME_TIMESTAMP":"1500000","SYSLOG_IDENTIFIER":"sh",'
        b'"MESSAGE":[104,105,255]}'
    )
    assert _entry(line) == ((1.5, "app", "hi\ufffd"), "c")


@pytest.mark.parametrize(
    ("unit", "who"),
    [
        ("blog@2.service", "app"),
        ("flaskwright-x@1.service", "app"),
        ("flaskwright.transaction.blog.service", "deploy"),
        ("flaskwright-blog.service", "deploy"),
    ],
)
def test_a_journal_entry_is_of_the_app_or_of_its_deploy(unit, who):
    fields = {"SYSLOG_IDENTIFIER": "python3", "_SYSTEMD_UNIT": unit, "MESSAGE": "switch"}
    entry, _ = _entry(json.dumps({**fields, "__CURSOR": "c", "__REALTIME_TIMESTAMP": "1"}).encode())

    assert entry[1:] == (who, "switch")
