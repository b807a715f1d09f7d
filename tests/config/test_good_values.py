"""What people write is accepted, and tidied."""

import pytest

from flaskwright.config import hosts_toml

from .files import document, written


def read(directory, app=None, host=None, **top):
    found = hosts_toml.read(written(directory, document(app, host, **top)))
    return found.apps["blog"], found.hosts["pi"]


@pytest.mark.parametrize(
    "repo",
    [
        "https://git.example.org/me/blog.git",
        "https://git.example.org:8443/~me/blog",
        "http://[2001:db8::1]/blog.git",
        "ssh://git@git.example.org:2222/blog.git",
        "git://git.example.org/blog.git",
        "file:///srv/git/blog.git",
        "git@git.example.org:me/blog.git",
        "forge:blog.git",
        "git@git.example.org:/srv/blog.git",
        ".",
        "../my blog",
        "~/code/blog",
        "/home/me/blog",
    ],
)
def test_a_repository(tmp_path, repo):
    assert read(tmp_path, {"repo": repo})[0].repo == repo


@pytest.mark.parametrize(
    "ref", ["main", "v1.2", "feature/x", "HEAD~2", "v1^{commit}", "0a1b2c3", "@", "release-1"]
)
def test_a_revision(tmp_path, ref):
    assert read(tmp_path, {"ref": ref})[0].ref == ref


@pytest.mark.parametrize("wsgi", ["app:app", "blog.web:application", "blog:create_app()"])
def test_what_gunicorn_runs(tmp_path, wsgi):
    assert read(tmp_path, {"wsgi": wsgi})[0].wsgi == wsgi


@pytest.mark.parametrize(
    ("path", "tidied"), [("", ""), (".", ""), ("./web/", "web"), ("a//b/./c", "a/b/c")]
)
def test_a_directory_is_tidied(tmp_path, path, tidied):
    assert read(tmp_path, {"directory": path})[0].directory == tidied


def test_other_paths_keep_the_slash_that_makes_a_directory(tmp_path):
    app, _ = read(
        tmp_path,
        {
            "shared": ["uploads//", "./notes of mine.db"],
            "static": {"/s/": "./a/", "/robots.txt": "a/robots.txt", "/.well-known/x": "x"},
        },
    )

    assert app.shared == ("uploads/", "notes of mine.db")
    assert app.static == {"/s/": "a/", "/robots.txt": "a/robots.txt", "/.well-known/x": "x"}


def test_permissions(tmp_path):
    devices = ["/dev/gpiomem", "/dev/ttyAMA0", "/dev/video0", "/dev/serial/by-id/usb-1:2.0-port0"]
    write = ["/mnt/photos/", "/home/pi//photos", "/srv/media", "/var/lib/photos"]
    given = {"devices": devices, "groups": ["gpio", "video"], "write": write, "jit": True}
    found = read(tmp_path, {"permissions": given})[0].permissions

    assert (found.devices, found.groups, found.jit) == (tuple(devices), ("gpio", "video"), True)
    assert found.write == ("/mnt/photos", "/home/pi/photos", "/srv/media", "/var/lib/photos")


@pytest.mark.parametrize(
    "python", ["python3", "python3.11", "pypy3", "/opt/python3.12/bin/python3"]
)
def test_an_interpreter(tmp_path, python):
    assert read(tmp_path, {"python": python})[0].python == python


@pytest.mark.parametrize(
    "worker_class",
    [
        "gthread",
        "sync",
        "gevent",
        "eventlet",
        "geventwebsocket.gunicorn.workers.GeventWebSocketWorker",
    ],
)
def test_a_class_of_workers(tmp_path, worker_class):
    assert read(tmp_path, {"worker_class": worker_class})[0].worker_class == worker_class


@pytest.mark.parametrize("upload", ["1M", "512M", "2G"])
def test_a_size_of_uploads(tmp_path, upload):
    assert read(tmp_path, {"upload": upload})[0].upload == upload


@pytest.mark.parametrize(
    "value", ["", "a b", "{shared}/x", "{{}}", "{{x}}", "{release}", "50%", "$HOME", "é", '"', "\t"]
)
def test_a_value_of_the_environment(tmp_path, value):
    assert read(tmp_path, {"env": {"X": value}})[0].env == {"X": value}


@pytest.mark.parametrize(
    "address",
    ["192.0.2.7", "2001:db8::7", "::1", "fe80::1%eth0", "raspberrypi.local", "my_pi", "pi"],
)
def test_an_address(tmp_path, address):
    assert read(tmp_path, host={"address": address})[1].address == address


@pytest.mark.parametrize(
    ("domain", "tidied"),
    [("blog.example.org", "blog.example.org"), ("Blog.Example.ORG", "blog.example.org"),
     ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("raspberrypi", "raspberrypi"),
     ("4.example.org", "4.example.org")],
)  # fmt: skip
def test_a_domain(tmp_path, domain, tidied):
    assert read(tmp_path, host={"domain": domain})[1].domain == tidied


def test_defaults(tmp_path):
    app, host = read(tmp_path)

    assert (app.wsgi, app.health.path, app.python) == ("app:app", "/", "python3")
    assert (app.deploy_timeout, app.drain, app.keep) == (1800, 30, 5)
    assert (app.workers, app.threads, app.worker_class) == (None, None, None)
    assert (app.upload, app.request_timeout) == ("16M", 60)
    assert app.static == {"/static/": "static/"}
    assert (app.requirements, app.ref, app.outbound) == (None, "", True)
    assert app.permissions is None
    assert (host.domain, host.user, host.port, host.sandbox) == (None, None, None, None)


def test_defaults_are_not_shared_between_apps(tmp_path):
    first, second = read(tmp_path)[0], read(tmp_path)[0]

    assert first.static is not second.static
    assert first.env is not second.env


@pytest.mark.parametrize(
    ("given", "path", "status"),
    [
        ("/up", "/up", ()),
        ({"path": "/up"}, "/up", ()),
        ({"path": "/up", "status": [200, 401]}, "/up", (200, 401)),
        ({"status": [401]}, "/", (401,)),
    ],
)
def test_a_health_path_alone_or_with_the_statuses_that_count(tmp_path, given, path, status):
    found = read(tmp_path, {"health": given})[0].health

    assert (found.path, found.status) == (path, status)
