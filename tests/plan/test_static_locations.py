"""What nginx serves by itself, and the trees that it may not leave."""

import re
from dataclasses import replace

import pytest

from flaskwright.plan.static_locations import Served, served
from flaskwright.plan.templates import ROOT, rendered
from tests.hosts_file import host_in

CODE, SHARED = "/srv/blog/current/code/", "/srv/blog/shared/"
SITE = "etc/nginx/sites-available/{app}"


def host_with(tmp_path, static, *shared, directory="web"):
    host = host_in(tmp_path)
    app = replace(host.app, static=static, shared=shared, directory=directory)
    return replace(host, app=app)


def locations(*given, **more):
    return {one.url: (one.alias, one.tree) for one in served(host_with(*given, **more).app)}


def test_what_is_committed_is_served_from_the_code(tmp_path):
    static = {"/static/": "static/", "/robots.txt": "static/robots.txt"}

    assert locations(tmp_path, static, "notes.db", "static2/", "sta") == {
        "/static/": (f"{CODE}web/static/", CODE),
        "/robots.txt": (f"{CODE}web/static/robots.txt", CODE),
    }
    assert locations(tmp_path, {"/s/": "s/"}, directory="") == {"/s/": (f"{CODE}s/", CODE)}


def test_what_is_shared_is_served_from_where_its_link_leads(tmp_path):
    static = {"/media/": "media/", "/static/": "static/", "/logo.png": "static/up/logo.png"}

    assert locations(tmp_path, static, "media", "static/up/", "static/motd.txt", "a/b c/") == {
        "/media/": (f"{SHARED}media/", SHARED),
        "/static/": (f"{CODE}web/static/", CODE),
        "/logo.png": (f"{SHARED}static/up/logo.png", SHARED),
        "/static/up/": (f"{SHARED}static/up/", SHARED),
        "/static/motd.txt": (f"{SHARED}static/motd.txt", SHARED),
        "/static/motd.txt/": (f"{SHARED}static/motd.txt/", SHARED),
    }


def test_a_url_that_hosts_toml_names_itself_is_no_second_time(tmp_path):
    static = {"/static/": "static/", "/static/up/": "static/up/thumbs/"}

    found = served(host_with(tmp_path, static, "static/up/").app)

    assert found[1] == Served("/static/up/", f"{SHARED}static/up/thumbs/", SHARED)
    assert len(found) == 2


def test_no_name_of_a_shared_path_is_a_word_of_nginx(tmp_path):
    assert list(locations(tmp_path, {"/s/": "s/"}, "s/a b", "s/$x/", "s/a;b", "s/{", "s/é")) == [
        "/s/"
    ]


@pytest.mark.parametrize("template", sorted(ROOT.glob("etc/nginx/**/*.j2")), ids=lambda p: p.name)
def test_no_place_of_files_is_without_a_tree_that_it_keeps_to(tmp_path, template):
    """Each alias and root is in a block that says from where on nginx follows no link."""
    name = str(template.relative_to(ROOT)).removesuffix(".j2")
    host = host_with(tmp_path, {"/static/": "static/", "/r": "r"}, "static/up/")
    text = rendered(name, host, nginx=(1, 26), openssl=(3, 5))

    for place in re.finditer(r"^\s*(?:alias|root) (\S+);\n\s*(.*)$", text, re.MULTILINE):
        kept = re.fullmatch(r"disable_symlinks on from=(\S+/);", place[2])
        assert kept, place[0]
        assert f"{place[1]}/".startswith(kept[1])


def test_an_app_can_put_nothing_in_the_place_of_a_tree(tmp_path):
    static = {"/static/": "static/", "/m/": "media/a/b/"}

    trees = {tree for _, tree in locations(tmp_path, static, "static/up/", "media/").values()}

    assert trees == {CODE, SHARED}
    assert "autoindex" not in rendered(SITE, host_with(tmp_path, static))
