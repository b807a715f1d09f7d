"""The resources of `./fab deploy`, as a pyinfra user writes them.

The code is a checkout of a repository on the host itself, so that no network is measured.
"""

import json
from pathlib import Path

from pyinfra import config, host
from pyinfra.facts.server import Command
from pyinfra.operations import apt, files, git, pip, server, systemd

config.SUDO = True

GIVEN = json.loads(Path(host.data.variables).read_text())
APP, FILES = GIVEN["app"], GIVEN["files"]
ROOT = f"/srv/{APP}"
CURRENT = f"{ROOT}/current"
SLOT = f"{APP}@1.service"
OURS = {"user": "root", "group": "root"}


def put(path: str, group: str = "root", mode: str = "644") -> bool:
    """A file like the rendered one; gives whether it will change."""
    return files.put(
        name=path, src=FILES + path, dest=path, user="root", group=group, mode=mode
    ).will_change


def link(path: str, target: str) -> bool:
    """A symbolic link; gives whether it will change."""
    return files.link(name=path, path=path, target=target).will_change


port = host.get_fact(Command, "ss -Hltnp sport = :80")
if port and "nginx" not in port:
    raise SystemExit(f"port 80 is taken: {port}")

apt.packages(packages=["nginx", "python3-venv", "git"], update=True, cache_time=86400)
systemd.service(service="nginx.service", running=True, enabled=True)

site_changed = [
    files.line(
        path="/etc/nginx/nginx.conf",
        line=r"^\s*#\?\s*multi_accept\s\+\w\+\s*;$",
        replace="\tmulti_accept on;",
    ).will_change,
    put("/etc/nginx/conf.d/flaskwright-lasting.conf"),
    put("/etc/nginx/snippets/flaskwright-tuning.conf"),
    put("/etc/nginx/snippets/flaskwright-proxy.conf"),
    put("/etc/nginx/snippets/flaskwright-acme.conf"),
    put("/etc/nginx/sites-available/flaskwright-default"),
    files.link(path="/etc/nginx/sites-enabled/default", present=False).will_change,
    link("/etc/nginx/sites-enabled/flaskwright-default", "../sites-available/flaskwright-default"),
]

for name, home, comment in (
    (APP, f"{ROOT}/shared", f"Flaskwright app {APP}"),
    ("flaskwright", "/var/cache/flaskwright", "Flaskwright builds"),
):
    server.user(  # noqa: S604 - the login shell
        user=name,
        home=home,
        comment=comment,
        shell="/usr/sbin/nologin",
        system=True,
        ensure_home=False,
    )

for directory in (ROOT, f"{ROOT}/venvs", f"{ROOT}/releases", f"{ROOT}/maintenance"):
    files.directory(path=directory, mode="755", **OURS)
files.directory(path=f"{ROOT}/shared", user=APP, group=APP, mode="750")

put(f"{ROOT}/maintenance/index.html")
put("/etc/systemd/system/flaskwright.recover.service")
systemd.service(service="flaskwright.recover.service", running=None, enabled=True)

git.repo(src=GIVEN["origin"], dest=f"{ROOT}/by-pyinfra", branch="main")
app_changed = [
    link(CURRENT, f"releases/{GIVEN['release']}"),
    pip.packages(
        packages=GIVEN["requirements"],
        virtualenv=f"{CURRENT}/.venv",
        virtualenv_kwargs={"venv": True, "python": "python3"},
    ).will_change,
    put(f"/etc/systemd/system/{APP}.socket"),
    put(f"{CURRENT}/etc/systemd/system/{APP}@.service"),
    put(f"{CURRENT}/run/systemd/system/flaskwright.canary.{APP}.service"),
    put(f"{CURRENT}/run/systemd/system/flaskwright.canary.{APP}.socket"),
    put(f"{CURRENT}/etc/gunicorn.conf.py", group=APP, mode="640"),
    put(f"{CURRENT}/etc/flaskwright_workers.py"),
    *(put(f"{CURRENT}/etc/pages/{status}.html") for status in (413, 429, 502, 504)),
    link(f"/etc/systemd/system/{APP}@.service", f"{CURRENT}/etc/systemd/system/{APP}@.service"),
    link(f"/etc/systemd/system/multi-user.target.wants/{SLOT}", f"../{APP}@.service"),
]
site_changed += [
    put(f"{CURRENT}/etc/nginx/sites-available/{APP}"),
    link(f"/etc/nginx/sites-available/{APP}", f"{CURRENT}/etc/nginx/sites-available/{APP}"),
    link(f"/etc/nginx/sites-enabled/{APP}", f"../sites-available/{APP}"),
]

systemd.service(service=f"{APP}.socket", running=True, enabled=True)
systemd.service(service=SLOT, running=True, enabled=None)
if any(app_changed):
    systemd.service(service=SLOT, restarted=True, daemon_reload=True)
if any(site_changed):
    systemd.service(service="nginx.service", reloaded=True)

ASK = f"curl -fsS -o /dev/null -w '%{{http_code}}' -H 'Host: {GIVEN['site']}'"
for way in (f"--unix-socket /run/{APP}.sock http://localhost", "http://127.0.0.1"):
    status = host.get_fact(Command, f"{ASK} {way}{GIVEN['health']}")
    if status != "200":
        raise SystemExit(f"{way} answers {status}")
