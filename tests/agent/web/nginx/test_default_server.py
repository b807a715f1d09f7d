"""Another default server, as a dry run foresees it."""

import pytest

from flaskwright.agent.web.nginx import candidate

from ...support import fields, result


@pytest.fixture
def nginx(tmp_path, monkeypatch):
    monkeypatch.setattr(candidate, "HOME", str(tmp_path))
    for name in ("sites-enabled", "conf.d"):
        (tmp_path / name).mkdir()
    return tmp_path


PLAN = fields("default-server", ports=[80, 443])


@pytest.mark.parametrize(
    ("listen", "port"),
    [
        ("listen 80 default_server;", 80),
        ("listen [::]:80 default_server ipv6only=on;", 80),
        ("  listen *:80 default;", 80),
        ("server { listen 443 ssl http2 default_server; }", 443),
        ("listen 0.0.0.0:443 ssl default_server;", 443),
    ],
)
def test_it_is_told_in_a_dry_run_only(nginx, run, dry_run, listen, port):
    other = nginx / "sites-enabled" / "other"
    other.write_text(f"server {{\n{listen}\n}}\n")

    told = result(dry_run, PLAN)

    assert told["what"] == f"nginx would refuse a second default server of port {port}"
    assert told["next"].startswith(f"take default_server out of {other}, ")
    assert result(run, PLAN)["state"] == "ok"


@pytest.mark.parametrize(
    "text",
    [
        "listen 80;",
        "listen 8080 default_server;",
        "listen 192.0.2.7:80 default_server;",
        "# listen 80 default_server;",
        "listen 80; # default_server",
        "# Made by Flaskwright\nlisten 80 default_server;",
    ],
)
def test_what_is_none(nginx, dry_run, text):
    (nginx / "conf.d" / "other.conf").write_text(text)
    (nginx / "sites-enabled" / "nowhere").symlink_to("nothing")

    assert result(dry_run, PLAN)["state"] == "ok"


@pytest.mark.parametrize("kind", ["absent", "link"])
def test_one_that_the_plan_takes_over_is_none(nginx, dry_run, kind):
    other = nginx / "sites-enabled" / "other"
    other.write_text("listen 80 default_server;")
    dry_run.states[f"{kind}:{other}"] = "would change"

    assert result(dry_run, PLAN)["state"] == "ok"
