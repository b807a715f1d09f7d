"""Releases listed, chosen for a rollback, and pruned: with directories, real git and real marks."""

import json
import subprocess

import pytest

from flaskwright.agent.app.history import FAILED, SERVING, Verdicts
from flaskwright.agent.app.manifest import checksums
from flaskwright.agent.app.releases import Releases

from ..app_host import AppHost
from ..support import SITE, fields, names, over_https, result

A, B, C, D = (f"20261120-1{n}0000-{'abcd'[n] * 7}" for n in range(4))


@pytest.fixture
def host(tmp_path, operator):
    host = AppHost(tmp_path, operator)
    for release in (A, B, C, D):
        make(host, release)
    return host


@pytest.fixture
def verdicts(host):
    return Verdicts(host.place)


def make(host, release):
    """A whole release, with an environment of its own."""
    place, venv = host.root / "releases" / release, host.root / "venvs" / release[-7:]
    (place / "code").mkdir(parents=True)
    (place / "code" / "app.py").write_text(release)
    host.has_venv(venv.name)
    (place / ".venv").symlink_to(venv)
    manifest = {"id": release, "commit": release[-7:], "venv": release[-7:], "created": "then"}
    write_manifest(place, manifest)


def write_manifest(place, manifest):
    text = json.dumps({**manifest, "files": checksums(str(place))})
    (place / "manifest.json").write_text(text)


def history(verdicts, *ids):
    """Remember that releases went live one after the other; `-ID` failed."""
    for one in ids:
        verdict = FAILED if one.startswith("-") else SERVING
        verdicts.add(id=one.lstrip("-"), commit="", verdict=verdict, since="now", who="me@here")


def earlier(host, to=""):
    return fields("earlier", to=to)


def kept(host, keep=2):
    return fields("kept", keep=keep)


@pytest.mark.parametrize(
    ("live", "lived", "before"),
    [
        (A, [A], ""),
        (C, [A, B, C], B),
        (C, [A, "-" + B, C], A),  # failed: never
        (B, [A, B, C, B], A),  # rolled back once: further back, not forward
        (D, [A, B, C, B, D], B),  # what was live before, not what was given up
        (C, [A, B, C, "-" + B], A),  # it was good, and is not any more
        (C, [A, "gone", C], A),
        (D, [A, B], B),  # live, and nobody knows since when
    ],
)
def test_the_release_before(verdicts, live, lived, before):
    history(verdicts, *lived)

    assert verdicts.before(live, [A, B, C, D]) == before


def test_a_rollback_says_where_from_and_to_and_is_the_runs_release(host, verdicts):
    history(verdicts, A, B)
    Releases(host.place).switch(B)
    run = host.run("check")

    done = result(run, earlier(host))

    assert done["answer"] == {"from": B, "to": A, "commit": "aaaaaaa"}
    assert run.about.told() == {"release": A, "commit": "aaaaaaa"}
    assert result(host.run(), earlier(host, B))["answer"]["to"] == B


@pytest.mark.parametrize(
    ("to", "what"),
    [
        ("", f"there is no good release before {A}"),
        ("x", "release x is not on the host"),
        (C, f"release {C} was never live"),
    ],
)
def test_where_no_rollback_leads(host, verdicts, to, what):
    history(verdicts, A, "-" + C)
    Releases(host.place).switch(A)

    failed = result(host.run(), earlier(host, to))

    assert (failed["state"], failed["what"]) == ("failed", what)
    assert not to or failed["why"] == f"those that were live: {A}"


def add_site(host, release, *lines):
    """Give a release a site, as it is part of what was deployed; today's is over HTTPS."""
    host.site = over_https(SITE)
    place = host.root / "releases" / release
    (place / "manifest.json").unlink()
    (place / "etc" / "nginx" / "sites-available").mkdir(parents=True)
    (place / "etc" / "nginx" / "sites-available" / host.place.name).write_text("\n".join(lines))
    write_manifest(place, {"commit": release[-7:], "venv": release[-7:]})


def test_a_release_whose_certificate_was_deleted_is_not_gone_back_to(host, verdicts, tmp_path):
    history(verdicts, A, B)
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    add_site(
        host, A, ' server_name "blog.test";', f" ssl_certificate {chain};",
        f" ssl_certificate_key {key};", " # ssl_certificate /x;",
    )  # fmt: skip
    chain.touch()

    failed = result(host.run(), earlier(host, A))

    assert failed["what"] == f"release {A} names a certificate that is gone"
    assert failed["log"] == [str(key)]
    assert failed["next"] == "./fab deploy --ref aaaaaaa makes it anew"
    key.touch()
    assert result(host.run(), earlier(host, A))["state"] == "done"


@pytest.mark.parametrize(
    ("lines", "was"),
    [
        (['server_name "blog.test";'], "http://blog.test"),
        (['server_name "old.test" "www.old.test";', "ssl_certificate /etc;"], "https://old.test"),
    ],
)
def test_a_release_whose_site_was_elsewhere_is_not_gone_back_to(host, verdicts, lines, was):
    history(verdicts, A, B)
    add_site(host, A, *lines)

    failed = result(host.run(), earlier(host, A))

    assert "another address than hosts.toml says" in failed["what"]
    assert failed["why"] == f"a rollback would bring {was} back"
    assert failed["next"].endswith("./fab deploy --ref aaaaaaa")


def test_a_release_that_was_changed_is_not_gone_back_to(host, verdicts):
    history(verdicts, A, B)
    (host.root / "releases" / A / "code" / "app.py").write_text("x")
    (host.root / "releases" / A / "code" / "more.py").write_text("x")

    failed = result(host.run(), earlier(host, A))

    assert failed["what"] == f"release {A} is not what was deployed"
    assert failed["log"] == ["code/app.py", "code/more.py"]


def test_a_release_without_its_environment_is_not_gone_back_to(host, verdicts):
    history(verdicts, A, B)
    (host.root / "venvs" / "aaaaaaa").rmdir()

    failed = result(host.run(), earlier(host, A))
    assert failed["what"] == f"release {A} has lost its environment"


def test_releases_are_listed_with_what_became_of_them(host, verdicts):
    history(verdicts, A, "-" + C, B)
    Releases(host.place).switch(B)

    run = host.run("check")
    answer = result(run, fields("release-list"))
    rows = answer["answer"]["releases"]
    assert [line["id"] for line in run.about.transactions] == [A, C, B]

    told = [(row["release"], row["since"], row["verdict"], row["live"]) for row in rows]
    assert told == [
        (D, "then", "never", False),
        (C, "now", "failed", False),
        (B, "now", "serving", True),
        (A, "now", "serving", False),
    ]


def test_the_last_good_ones_are_kept_and_nothing_that_only_others_need(host, verdicts):
    history(verdicts, A, B, "-" + C, D)
    Releases(host.place).switch(D)
    (host.root / "releases" / ".broken-off.tmp").mkdir()
    commit = host.source.commit({"app.py": "app = print\n"})
    host.send(host.run(), commit)

    would, done = result(host.run("check"), kept(host)), result(host.run(), kept(host))

    gone = [f"removes releases/{one}" for one in (".broken-off.tmp", A, C)]
    gone += ["removes venvs/aaaaaaa", "removes venvs/ccccccc", f"removes commit {commit}"]
    assert (would["state"], would["diff"]) == ("would change", gone)
    assert done["state"] == "changed", done
    assert names(host.root / "releases") == [B, D]
    assert names(host.root / "venvs") == ["bbbbbbb", "ddddddd"]
    assert result(host.run(), kept(host))["state"] == "ok"


def test_what_runs_and_the_last_good_one_stay(host, verdicts):
    history(verdicts, A, B, C, D)
    Releases(host.place).switch(B)
    inside = subprocess.Popen(["sleep", "60"], cwd=host.root / "releases" / C / "code")

    meanwhile = result(host.run(), kept(host, keep=1))
    inside.kill()
    inside.wait()
    afterwards = result(host.run(), kept(host, keep=1))

    assert (meanwhile["state"], afterwards["state"]) == ("ok", "changed")
    assert names(host.root / "releases") == [A, B, D]


def test_a_dry_run_waits_for_the_release_to_be_live(host):
    run = host.run("check")
    run.states["serving"] = "would change"

    assert result(run, kept(host))["state"] == "would run"
