import ast
import shutil
import subprocess
from dataclasses import replace
from shutil import ignore_patterns

import jinja2
import pytest

import guides  # noqa: F401 - makes them known
from flaskwright.config.permissions import Permissions
from flaskwright.errors import UsageError
from flaskwright.guide import guide_of
from flaskwright.plan import templates
from flaskwright.plan.templates import (
    NGINX,
    OPENSSL,
    ROOT,
    _nginx_word,
    rendered,
)
from flaskwright.resources.releases import Release
from flaskwright.resources.system import File
from tests import certificate
from tests.hosts_file import host_in

TEMPLATES = sorted(str(path.relative_to(ROOT))[:-3] for path in ROOT.rglob("*.j2"))
SITE, SLOT = "etc/nginx/sites-available/{app}", "etc/systemd/system/{app}@.service"
CANARY = "run/systemd/system/flaskwright.canary.{app}"
HTTPS = 'domain = "example.org"\nacme = { server = "https://acme.example.org/dir", ca = "ca.pem" }'
SETTINGS = "srv/{app}/current/etc/gunicorn.conf.py"
LAUNCH = "srv/{app}/current/etc/launch"


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """Templates that nobody has compiled yet, and a second look at them."""
    place = shutil.copytree(ROOT, tmp_path / "templates", ignore=ignore_patterns("__pycache__"))
    monkeypatch.setattr(templates, "ROOT", place)
    templates._environment.cache_clear()
    yield place
    templates._environment.cache_clear()


def test_a_template_is_compiled_once(fresh, tmp_path, monkeypatch):
    host = host_in(tmp_path, host=HTTPS)
    first = rendered(SITE, host)
    assert len(list((fresh / "__pycache__").iterdir())) > 0

    templates._environment.cache_clear()
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *given: pytest.fail("again"))
    assert rendered(SITE, host) == first


def test_one_that_is_changed_is_compiled_again(fresh, tmp_path):
    host = host_in(tmp_path, host=HTTPS)
    first = rendered(SITE, host)
    with (fresh / f"{SITE}.j2").open("a") as file:
        file.write("# {{ host.name }}\n")
    templates._environment.cache_clear()
    assert rendered(SITE, host) == f"{first}# {host.name}\n"


def test_where_nothing_can_be_kept_it_is_rendered_all_the_same(fresh, tmp_path):
    (fresh / "__pycache__").write_text("no directory")
    assert rendered(SITE, host_in(tmp_path, host=HTTPS))


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


def test_gunicorn_settings_are_python(tmp_path):
    text = rendered(SETTINGS, host_in(tmp_path))

    ast.parse(text)


def launched(tmp_path, host, *command):
    """What a command prints that a release of the host starts."""
    release = tmp_path / "releases" / "20261120"
    (release / "etc/keyring").mkdir(parents=True)
    (release / "code/web").mkdir(parents=True)
    (release / "etc/launch").write_text(rendered(LAUNCH, host))
    argv = ["env", "-i", "PATH=/usr/bin:/bin", "sh", "-c", ". ./etc/launch", "sh", *command]
    done = subprocess.run(argv, cwd=release, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("plain", "plain"),
        ("", ""),
        ("'); import subprocess #\\", "'); import subprocess #\\"),
        ('$HOME `id` "$(id)" \t *', '$HOME `id` "$(id)" \t *'),
        ("{shared}/a b.db", "/srv/blog/shared/a b.db"),
        ("{release}-{release}", "20261120-20261120"),
        ("{{release}} {{x}} }}{{", "{release} {x} }{"),
        ("☃ 'ä'", "☃ 'ä'"),
    ],
)
def test_a_value_of_env_is_what_a_program_finds(tmp_path, value, found):
    host = host_in(tmp_path)
    host = replace(host, app=replace(host.app, env={"A": value}))

    assert launched(tmp_path, host, "sh", "-c", 'printf "%s" "$A"') == found


def test_a_program_starts_in_the_apps_directory_with_the_venv_before_others(tmp_path):
    told = launched(tmp_path, host_in(tmp_path), "sh", "-c", 'pwd; echo "$PATH"; echo "$FLASK_APP"')

    release = tmp_path / "releases/20261120"
    places = [
        f"{release}/code/web",
        f"{release}/project/bin:{release}/.venv/bin:/usr/bin:/bin",
        "blog:create_app()",
    ]
    assert told.splitlines() == places


def test_the_project_itself_comes_after_the_apps_own_path(tmp_path):
    place = tmp_path / "releases/20261120/project/lib/python3.11/site-packages"
    place.mkdir(parents=True)
    host = host_in(tmp_path)

    assert launched(tmp_path, host, "sh", "-c", 'echo "$PYTHONPATH"').strip() == str(place)


def test_the_keyring_comes_after_the_apps_own_path(tmp_path):
    app = 'secrets = ["MAIL/key"]'
    host = host_in(tmp_path, app=app)
    host = replace(host, app=replace(host.app, env={"PYTHONPATH": "libs"}))

    told = launched(tmp_path, host, "sh", "-c", 'echo "$PYTHONPATH"')

    assert told.strip() == f"libs:{tmp_path}/releases/20261120/etc/keyring"


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


GIVEN = """permissions = { devices = ["/dev/gpiomem", "/dev/serial/by-path/usb-0:1.3"],
groups = ["gpio", "video"], write = ["/mnt/photos", "/home/pi/photos"], jit = true }"""
OPENED = [
    "DeviceAllow=/dev/gpiomem rw",
    "BindPaths=-/dev/gpiomem",
    "DeviceAllow=/dev/serial/by-path/usb-0:1.3 rw",
    "BindPaths=-/dev/serial/by-path/usb-0\\:1.3",
    "SupplementaryGroups=gpio video",
    "TemporaryFileSystem=/home/pi:mode=755,ro",
    "ReadWritePaths=-/mnt/photos",
    "BindPaths=-/home/pi/photos",
    "ProtectHome=tmpfs",
]


@pytest.mark.parametrize("name", [SLOT, f"{CANARY}.service"])
def test_permissions_open_what_they_name_and_nothing_else(tmp_path, name):
    plain = rendered(name, host_in(tmp_path)).splitlines()
    given = rendered(name, host_in(tmp_path, app=GIVEN.replace("\n", " "))).splitlines()

    assert [line for line in given if line not in plain and not line.startswith("#")] == OPENED
    assert sorted(set(plain) - set(given)) == ["MemoryDenyWriteExecute=yes", "ProtectHome=yes"]


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
    script = script.replace("/tmp/ready", f"{tmp_path}/ready").replace(". ./etc/launch", "pwd")

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
    (state / "transaction" / "agent").mkdir(parents=True)
    recover = unit("etc/systemd/system/flaskwright.recover.service", host_in(tmp_path))
    (start,) = [line for line in recover["[Service]"] if line.startswith("ExecStart=")]
    script = start.partition("-c ")[2].strip("'").replace("$$", "$").replace("%%", "%")
    script = script.replace("/var/lib", str(tmp_path)).replace("/usr/bin/python3 -I", "echo")

    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)

    assert done.stdout == f"{state}/transaction/agent boot {state}\n"
    assert "Before=sysinit.target shutdown.target" in recover["[Unit]"]
    for left in ("pending.json", "transaction/plan.json"):
        assert f"ConditionPathExistsGlob=|/var/lib/flaskwright/*/{left}" in recover["[Unit]"]
    assert "DefaultDependencies=no" in recover["[Unit]"]


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


@pytest.mark.parametrize(("upload", "at_once"), [("16M", 64), ("1M", 1024), ("300M", 4), ("2G", 4)])
def test_the_largest_request_and_how_many_wait_on_the_disk(tmp_path, upload, at_once):
    text = rendered(SITE, host_in(tmp_path, app=f'upload = "{upload}"'))

    assert f"client_max_body_size {upload};" in text
    assert f"limit_conn flaskwright_uploads_blog {at_once};" in text


def test_how_long_visitors_wait_for_an_app_and_for_the_next_event(tmp_path):
    text = rendered(SITE, host_in(tmp_path, app="request_timeout = 7"))

    assert text.count("proxy_read_timeout 7s;") == 2
    lasting = text.partition("location @lasting {")[2].partition("}")[0]
    assert "proxy_read_timeout 1h;" in lasting and "proxy_buffering off;" in lasting


@pytest.mark.parametrize(
    ("status", "says"), [(413, "takes 3 GB at a time"), (504, "nothing for 7 seconds")]
)
def test_a_page_says_what_the_limit_is_and_the_key_that_changes_it(tmp_path, status, says):
    host = host_in(tmp_path, app='upload = "3G"\nrequest_timeout = 7')
    text = rendered(f"srv/{{app}}/current/etc/pages/{status}.html", host)

    assert says in text and "in hosts.toml" in text
    assert "src=" not in text and "href=" not in text


@pytest.mark.parametrize(
    ("keys", "tasks"), [("", 512), ("workers = 8\nthreads = 4", 512), ("workers = 4", 864)]
)
def test_there_are_tasks_for_every_websocket(tmp_path, keys, tasks):
    assert f"TasksMax={tasks}" in unit(SLOT, host_in(tmp_path, app=keys))["[Service]"]


def test_the_way_to_what_may_be_written_is_open_and_covers_nothing_that_is_given():
    write = ("/home/pi/a/b", "/home/eva", "/home/eva/c/d", "/mnt/photos")
    assert Permissions(write=write).above_in_homes == ["/home/pi", "/home/pi/a"]
