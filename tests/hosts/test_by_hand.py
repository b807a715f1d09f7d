"""A host on which somebody has followed the guide by hand: taken over, and nothing is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import sandbox
from sandbox import SandboxHost

from .conftest import Shell
from .project import APP, Project, table
from .trouble import told
from .visitor import ask, page, wait_for

SITE = """
server {
\tlisten 80 default_server;
\tlisten [::]:80;

\troot /var/www/html/myflask;

\tserver_name myflask.ddns.net;

\tlocation /static {
\t\talias /var/www/html/myflask/static;
\t}

\tlocation / {
\t\ttry_files $uri @wsgi;
\t}

\tlocation @wsgi {
\t\tproxy_pass http://unix:/tmp/gunicorn.sock;
\t\tinclude proxy_params;
\t}
}
"""
UNIT = """
[Unit]
Description=gunicorn daemon for /var/www/html/myflask/app.py
After=network.target

[Service]
User=pi
Group=www-data
WorkingDirectory=/var/www/html/myflask
ExecStart=/usr/bin/gunicorn --bind=unix:/tmp/gunicorn.sock --workers=2 app:app

[Install]
WantedBy=multi-user.target
"""
TUNING = {
    "# multi_accept on;": "multi_accept on;",
    "sendfile on;": r"sendfile on;\n\tkeepalive_timeout 30;",
    "# server_tokens off;": "server_tokens off;",
    "# gzip_vary on;": "gzip_vary on;",
    "# gzip_proxied any;": "gzip_proxied any;",
    "# gzip_comp_level 6;": "gzip_comp_level 5;",
    "# gzip_http_version 1.1;": r"gzip_http_version 1.1;\n\tgzip_min_length 256;",
}
# The guide's instructions; Debian's gunicorn and Flask are there sooner than those of pip.
GUIDE = f"""
set -e
sudo apt-get update -qq
sudo apt-get install -y -qq nginx git gunicorn python3-flask >/dev/null 2>&1
sudo install -d -o pi /var/www/html/myflask
tar -x -C /var/www/html/myflask
echo '{SITE}' | sudo tee /etc/nginx/sites-available/myflask >/dev/null
echo '{UNIT}' | sudo tee /etc/systemd/system/gunicorn.service >/dev/null
sudo sed -i '{"; ".join(f"s/{old}/{new}/" for old, new in TUNING.items())}' /etc/nginx/nginx.conf
cd /etc/nginx/sites-enabled
sudo rm default
sudo ln -s /etc/nginx/sites-available/myflask .
sudo nginx -t 2>/dev/null
sudo systemctl enable --quiet --now gunicorn
sudo systemctl restart nginx
"""
KEPT = "/etc/nginx/sites-available/myflask.before"


@pytest.fixture
def project(place: Path, tmp_path: Path) -> Iterator[Project]:
    """A project for a host on which its app is served already."""
    project = Project(tmp_path, "by-hand")
    host = sandbox.up(project.name)
    project.git("archive", "--output", str(tmp_path / "app.tar"), "HEAD")
    with (tmp_path / "app.tar").open("rb") as app:
        subprocess.run([*host.ssh, GUIDE], stdin=app, check=True, timeout=300)
    assert "<h1>Guestbook</h1>" in wait_for(host.address)
    yield project
    sandbox.down(project.name)


def test_by_hand_and_then_by_us(project: Project) -> None:
    host = sandbox.host(project.name)
    stays_until_their_default_goes(project, host)
    is_announced(project, host)
    is_taken_over(project, host)


def stays_until_their_default_goes(project: Project, host: SandboxHost) -> None:
    """An app of another name than their site: a clear message, and their site as it was."""
    said = project.on_host("deploy")
    told(said, 1, "take default_server out of /etc/nginx/sites-enabled/myflask", "in force is")
    assert "<h1>Guestbook</h1>" in page(host.address)


def is_announced(project: Project, host: SandboxHost) -> None:
    """An app of the same name: the dry run says what is kept where."""
    keys = {"guide": "raspberry-pi", "app": "myflask", "sandbox": {}}
    project.write(table("apps.myflask", APP) + table(f"hosts.{project.name}", keys))
    said = project.on_host("deploy", "--dry-run")
    assert said.code == 2, str(said)
    assert f"keeps what was there as {KEPT}" in said.out
    assert "<h1>Guestbook</h1>" in page(host.address)


def is_taken_over(project: Project, host: SandboxHost) -> None:
    """Their files are kept, the app answers, and its source does not any more."""
    before = ask(host.address, "/app.py")
    assert before and before.status == 200  # the guide's hole
    shell = Shell(host)
    nginx = shell("cat /etc/nginx/nginx.conf")
    said = project.on_host("deploy")
    assert said.code == 0, str(said)
    assert "nothing to do" in project.on_host("deploy").err
    assert "<h1>Guestbook</h1>" in page(host.address)
    after = ask(host.address, "/app.py")
    assert after and after.status == 404
    assert shell(f"cat {KEPT}").strip() == SITE.strip()
    assert shell("cat /etc/nginx/nginx.conf") == nginx  # multi_accept was on already
    assert shell("systemctl is-active gunicorn").strip() == "active"  # theirs is left alone
