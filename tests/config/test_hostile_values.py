"""Names and paths that would break out of their place are refused wherever they are written."""

import pytest

from .files import document, problems

CONTROL = ["\x00", "\n", "\r", "\t", "\x1b[2J", "\x7f", "\u0085", "\u2028", "\u202e", "\ufeff"]
CLIMBING = ["..", "../x", "a/../b", "a/..", "./../x", "//etc", "/", "/etc/../x", "~", "~root/x"]
OPTIONS = ["-", "-rf", "--upload-pack=id", "-oProxyCommand=id"]
SYNTAX = [
    "a b", "a;b", "a{b", "a}b", "$a", "`id`", "a'b", 'a"b', "a\\b", "a#b", "a%b", "a*b", "a|b", "é",
    "a&b", "a>b", "a\u00a0b",
]  # fmt: skip
NAMES = [*CONTROL, *CLIMBING, *OPTIONS, *SYNTAX, "", ".", "a/b", "x" * 300]


def refused(directory, **changes):
    assert problems(directory, document(**changes))


TAKEN = ["root", "default", "flaskwright", "flaskwright-default-tls"]


@pytest.mark.parametrize("name", [*NAMES, "A", "1a", "a_b", "a.b", *TAKEN, "x" * 32])
def test_an_apps_name(tmp_path, name):
    app = {"repo": "https://git.example.org/blog.git"}
    refused(tmp_path, apps={"blog": app, name: app})


@pytest.mark.parametrize("name", [*NAMES, ".x", "a,b", "pi@x", "a:b"])
def test_a_hosts_or_groups_name(tmp_path, name):
    host = {"guide": "ubuntu", "address": "192.0.2.8", "app": "blog"}
    refused(tmp_path, hosts={name: host})
    refused(tmp_path, groups={name: ["pi"]})


@pytest.mark.parametrize("key", ["directory", "requirements", "shared", "static"])
@pytest.mark.parametrize("path", [*CONTROL, *CLIMBING, *OPTIONS, "/etc", "a\\b", "a\x00b", "a/\n"])
def test_a_path_below_the_app(tmp_path, key, path):
    value = {"shared": [path], "static": {"/static/": path}}.get(key, path)
    refused(tmp_path, app={key: value})


@pytest.mark.parametrize("path", SYNTAX)
def test_a_path_that_is_written_into_the_sites_files(tmp_path, path):
    refused(tmp_path, app={"directory": path})
    refused(tmp_path, app={"static": {"/static/": f"{path}/"}})


@pytest.mark.parametrize(
    "path", [*NAMES, "//", "//x", "/a b", "/a;", "/a{", "/%2e%2e/", "/./", "/?"]
)
def test_a_path_of_a_url(tmp_path, path):
    if path != "/":
        refused(tmp_path, app={"health": path})
    refused(tmp_path, app={"static": {path: "static/"}})


@pytest.mark.parametrize("value", [*CONTROL, *SYNTAX, *OPTIONS, "", "a:b:c", ":a", "a:", "a:b(1)"])
def test_what_gunicorn_runs(tmp_path, value):
    refused(tmp_path, app={"wsgi": value})


@pytest.mark.parametrize("value", [*CONTROL, *SYNTAX, *OPTIONS, "", "../python3", "./python3", "/"])
def test_an_interpreter(tmp_path, value):
    refused(tmp_path, app={"python": value})


@pytest.mark.parametrize(
    "value",
    [*CONTROL, *OPTIONS, "", "a b", "+a", "^a", "a:b", "a*", "a?", "a[", "a\\", "a..b", "a\nb"],
)
def test_a_revision(tmp_path, value):
    refused(tmp_path, app={"ref": value})


@pytest.mark.parametrize(
    "value",
    [
        *CONTROL,
        *OPTIONS,
        "",
        "ext::sh -c id",
        "fd::17",
        "ssh://-oProxyCommand=id/x",
        "ssh://pi@-oX/x",
        "-oX:x",
        "pi@-oX:x",
        "git@host:-x",
        "ftp://example.org/x",
        "javascript://x",
        "HTTPS://example.org/x",
        "https://example.org/a b",
        "https://example.org/x?token=1",
        "https://exa\nmple.org/x",
        "file://elsewhere/x",
    ],
)
def test_a_repository(tmp_path, value):
    refused(tmp_path, app={"repo": value})


@pytest.mark.parametrize(
    "value",
    [
        "https://t0psecret@example.org/x",
        "https://me:t0psecret@example.org/x",
        "https://me:t0p/secret@example.org/x",
        "ssh://me:t0psecret@example.org/x",
        "me:t0psecret@example.org:x",
        "git://me:t0psecret@example.org/x",
        "https://me:t0psecret @example.org/x",
    ],
)
def test_a_login_in_a_url_is_refused_and_not_repeated(tmp_path, value):
    said = "\n".join(problems(tmp_path, document(app={"repo": value})))

    assert "apps.blog.repo" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    "value",
    [*CONTROL, *OPTIONS, *SYNTAX, "", "a/b", "pi@a", "a:22", "[::1]", "::g", "1:2", "fe80::1%"],
)
def test_an_address(tmp_path, value):
    refused(tmp_path, host={"address": value})


@pytest.mark.parametrize(
    "value",
    [
        *CONTROL, *OPTIONS, *SYNTAX, "", ".", "a..b", ".a", "a.", "a-.b", "-a.b", "a_b.c", "*.a.b",
        "x" * 64, ".".join(["x" * 60] * 5), "192.0.2.7", "::1", "a/b", "a:80", "bücher.example",
    ],
)  # fmt: skip
def test_a_domain(tmp_path, value):
    refused(tmp_path, host={"domain": value})
    refused(tmp_path, host={"domain": "example.org", "aliases": [value]})


@pytest.mark.parametrize("value", [*CONTROL, *SYNTAX, *OPTIONS, "", "a/b", "a:b", "x" * 33])
def test_a_login_name(tmp_path, value):
    refused(tmp_path, host={"user": value})


@pytest.mark.parametrize("value", ["{", "}", "{}", "{x}", "{shared!r}", "{shared.x}", "{{{x}}}"])
def test_a_placeholder(tmp_path, value):
    refused(tmp_path, app={"env": {"X": value}})


@pytest.mark.parametrize("value", ["\x00", "a\nb", "a\rb", "secret:", "secret:A", "secret:A/{b}"])
def test_a_value_of_the_environment(tmp_path, value):
    refused(tmp_path, app={"env": {"X": value}})


@pytest.mark.parametrize(
    "name", ["", "1a", "a-b", "a b", "é", "A=B", "NOTIFY_SOCKET", "LISTEN_PID"]
)
def test_a_name_of_the_environment(tmp_path, name):
    refused(tmp_path, app={"env": {name: "x"}})


def test_a_message_holds_nothing_that_moves_a_cursor(tmp_path):
    (said,) = problems(tmp_path, document(app={"\x1b[2J\n": 1}))

    assert said == r'hosts.toml: apps.blog."\u001b[2J\n": unknown key'
