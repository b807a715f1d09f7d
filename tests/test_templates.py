import ast
import subprocess
from dataclasses import replace

import pytest

import guides  # noqa: F401 - makes them known
from flaskwright.errors import UsageError
from flaskwright.guide import guide_of
from flaskwright.resources import File, Release
from flaskwright.templates import NGINX, OPENSSL, ROOT, _nginx_word, rendered
from tests import certificate
from tests.hosts_file import host_in

TEMPLATES = sorted(str(path.relative_to(ROOT))[:-3] for path in ROOT.rglob("*.j2"))
SITE, SLOT = "etc/nginx/sites-available/{app}", "etc/systemd/system/{app}@.service"
CANARY = "run/systemd/system/flaskwright.canary.{app}"
HTTPS = 'domain = "example.org"\nacme = { server = "https://acme.example.org/dir", ca = "ca.pem" }'
SETTINGS = "srv/{app}/current/etc/gunicorn.conf.py"


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_renders_and_says_in_its_first_line_who_made_it(tmp_path, name):
    host = host_in(tmp_path, host=HTTPS)
    text = rendered(name, host, nginx=NGINX[-1], openssl=OPENSSL[-1])

    first = next(line for line in text.splitlines() if not line.startswith("#!"))
    assert first.removeprefix("<!-- ").startswith(("# Made by Flaskwright", "Made by Flaskwright"))
    assert text.endswith("\n")


def test_every_template_is_used_by_a_step(tmp_path):
    (tmp_path / "ca.pem").write_text(certificate.made())
    host = host_in(tmp_path, host=HTTPS, app='secrets = ["MAIL/password"]')
    planned = [i.resource for i in guide_of(host).resources(host, "setup", "deploy")]
    files = {r.path.lstrip("/") for r in planned if isinstance(r, File)}
    for release in (r for r in planned if isinstance(r, Release)):
        files |= set(release.files) | {f"srv/blog/current/{inside}" for inside in release.files}

    assert {name.format(app="blog") for name in TEMPLATES} <= files


def test_gunicorn_settings_are_python_with_the_environment_in_it(tmp_path):
    text = rendered(SETTINGS, host_in(tmp_path))

    ast.parse(text)
    assert "'DATABASE=' + '/srv/blog/shared/blog.db'" in text
    assert "'RELEASE=' + '{release}'.replace" in text


def test_a_value_of_env_cannot_leave_its_string(tmp_path):
    host = host_in(tmp_path)
    value = "'); import subprocess #\\"
    host = replace(host, app=replace(host.app, env={"A": value}))

    tree = ast.parse(rendered(SETTINGS, host))

    assert value in [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]


def test_a_site_without_domain_answers_by_address_and_name_only(tmp_path):
    text = rendered(SITE, host_in(tmp_path))

    assert r'server_name "~^192\.0\.2\.7$"' in text
    assert "default_server" not in text


def test_static_prefixes_are_aliased_with_both_slashes(tmp_path):
    text = rendered(SITE, host_in(tmp_path))

    assert "location ^~ /static/ {" in text
    assert "alias /srv/blog/current/code/web/static/;" in text
    assert "location = /robots.txt {" in text
    assert "root " not in text


@pytest.mark.parametrize("name", [SLOT, f"{CANARY}.service"])
def test_outbound_false_filters_addresses(tmp_path, name):
    assert "IPAddressDeny" not in rendered(name, host_in(tmp_path))
    assert "IPAddressDeny=any" in rendered(name, host_in(tmp_path, app="outbound = false"))


def unit(name, host):
    """A unit's settings by section; a comment is none."""
    sections = {}
    for line in rendered(name, host).splitlines():
        if line.startswith("["):
            sections[line] = settings = set()
        elif line and not line.startswith("#"):
            settings.add(line)
    return sections


def test_a_slot_starts_in_the_release_of_a_cut_over_or_in_current(tmp_path):
    service = unit(SLOT, host_in(tmp_path))["[Service]"]
    (start,) = [line for line in service if line.startswith("ExecStart=")]
    (tmp_path / "current").mkdir()
    (tmp_path / "new").mkdir()
    script = start.partition("-c ")[2].strip("'").replace("$$", "$").replace("%N", "blog@2")
    script = script.replace("/run/", f"{tmp_path}/").replace("/srv/blog/", f"{tmp_path}/")
    script = script.replace("/tmp/ready", f"{tmp_path}/ready").rpartition("exec ")[0] + "pwd"

    def where():
        return subprocess.run(["sh", "-c", script], capture_output=True, text=True).stdout.strip()

    assert where() == f"{tmp_path}/current"
    (tmp_path / "blog@2.next").symlink_to(tmp_path / "new")
    assert where() == f"{tmp_path}/new"


def test_boot_traffic_and_crashes_start_the_first_slot(tmp_path):
    host = host_in(tmp_path)
    slot, socket = unit(SLOT, host), unit("etc/systemd/system/{app}.socket", host)

    assert {"WantedBy=multi-user.target", "DefaultInstance=1"} == slot["[Install]"]
    assert "Service=blog@1.service" in socket["[Socket]"]
    assert {"Sockets=blog.socket", "Restart=on-failure"} < slot["[Service]"]
    assert "Requires=blog.socket" in slot["[Unit]"]


def test_requests_in_flight_have_the_time_of_drain(tmp_path):
    host = host_in(tmp_path, app="drain = 77")

    assert "TimeoutStopSec=82" in unit(SLOT, host)["[Service]"]
    assert "graceful_timeout = 77" in rendered(SETTINGS, host)


def test_a_canary_is_a_slot_that_nobody_starts_and_no_visitor_reaches(tmp_path):
    host = host_in(tmp_path)
    slot, canary = (unit(name, host) for name in (SLOT, f"{CANARY}.service"))
    socket = unit(f"{CANARY}.socket", host)["[Socket]"]

    assert set(canary) == {"[Unit]", "[Service]"}
    only = {line.partition("=")[0] for line in slot["[Service]"] - canary["[Service]"]}
    assert only == {"Sockets", "ExecReload", "TimeoutStopSec", "Restart", "RestartSec"}
    assert "Sockets=flaskwright.canary.blog.socket" in canary["[Service]"]
    assert "Environment=FLASKWRIGHT_CANARY=1" in canary["[Service]"]
    assert {"SocketMode=0600", "RemoveOnStop=yes"} < socket


def test_what_is_pending_is_undone_before_anything_starts_and_by_the_agent_of_then(tmp_path):
    state = tmp_path / "flaskwright" / "blog"
    (state / "transaction").mkdir(parents=True)
    (state / "pending.json").touch()
    recover = unit("etc/systemd/system/flaskwright.recover.service", host_in(tmp_path))
    (start,) = [line for line in recover["[Service]"] if line.startswith("ExecStart=")]
    script = start.partition("-c ")[2].strip("'").replace("$$", "$").replace("%%", "%")
    script = script.replace("/var/lib", str(tmp_path)).replace("/usr/bin/python3 -I", "echo")

    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)

    assert done.stdout == f"{state}/transaction/agent boot {state}\n"
    assert "Before=sysinit.target shutdown.target" in recover["[Unit]"]
    glob = "ConditionPathExistsGlob=/var/lib/flaskwright/*/pending.json"
    assert {glob, "DefaultDependencies=no"} < recover["[Unit]"]


@pytest.mark.parametrize(
    ("app", "host", "inside", "outside"),
    [
        ('health = "/health"', "", 'if ($request_uri = "/health")', "remote_addr"),
        ("", "", '"$remote_addr $request_uri"', "acme-challenge/"),
        ("", HTTPS + "\ntls = { off = true }", '"^/\\.well-known/acme-challenge/"', "snippets/x"),
    ],
)
def test_what_stays_open_during_maintenance(tmp_path, app, host, inside, outside):
    text = rendered(SITE, host_in(tmp_path, app=app, host=host))

    assert "if (-f /srv/blog/maintenance/on)" in text
    assert inside in text and outside not in text
    assert text.count("return 503;") == 1


@pytest.mark.parametrize("word", ['a"; root /; #', "a\nb", "a\\"])
def test_a_word_that_would_end_its_quotes_is_refused(word):
    with pytest.raises(UsageError):
        _nginx_word(word)


def test_over_https_every_other_name_leads_to_the_domain(tmp_path):
    text = rendered(SITE, host_in(tmp_path, host=HTTPS + '\naliases = ["www.example.org"]'))

    plain, secure, aliases, _ = text.split("server {")[1:]
    assert "listen 80;" in plain and "return 301 https://example.org$request_uri;" in plain
    assert "location ^~" not in plain and "flaskwright-acme.conf" in plain
    assert "proxy_pass" in secure and "live/example.org/fullchain.pem" in secure
    assert "www.example.org" in aliases and "return 301 https://example.org" in aliases


def test_plain_http_with_a_domain_answers_the_authority_too(tmp_path):
    text = rendered(SITE, host_in(tmp_path, host=HTTPS + "\ntls = { off = true }"))

    assert "443" not in text
    assert "flaskwright-acme.conf" in text


@pytest.mark.parametrize(
    ("nginx", "listens", "refuses"),
    [
        ((0,), "443 ssl http2 default_server", "return 444"),
        ((1, 19, 4), "443 ssl http2 default_server", "ssl_reject_handshake on"),
        ((1, 25, 1), "443 ssl default_server", "ssl_reject_handshake on"),
    ],
)
def test_unknown_names_are_refused_as_the_version_allows(tmp_path, nginx, listens, refuses):
    name = "etc/nginx/sites-available/flaskwright-default-tls"
    text = rendered(name, host_in(tmp_path), nginx=nginx)

    assert f"listen {listens};" in text
    assert refuses in text


@pytest.mark.parametrize(
    ("nginx", "openssl", "curves", "more"),
    [
        ((1, 18), (1, 1, 1), "X25519:prime256v1:secp384r1", {"ssl_session_tickets off;"}),
        ((1, 22, 1), (3, 0, 17), "X25519:prime256v1:secp384r1", {"ssl_session_tickets off;"}),
        ((1, 24), (3, 0, 13), "X25519:prime256v1:secp384r1", set()),
        ((1, 26, 3), (3, 5, 1), "?X25519MLKEM768:X25519:prime256v1:secp384r1", {"http2 on;"}),
    ],
)
def test_tls_is_as_new_as_the_versions_allow(tmp_path, nginx, openssl, curves, more):
    name = "etc/nginx/snippets/flaskwright-tls.conf"
    text = rendered(name, host_in(tmp_path), nginx=nginx, openssl=openssl)

    assert f"ssl_ecdh_curve {curves};" in text
    lines = {line for line in text.splitlines() if "tickets" in line or "http2" in line}
    assert lines == more
