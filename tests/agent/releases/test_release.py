"""Releases in a temporary directory: real git, a real environment."""

import json
import os
import stat
import subprocess

import pytest

from flaskwright.agent.app.history import Verdicts
from flaskwright.agent.app.manifest import altered
from flaskwright.agent.app.releases import Releases

from ..app_host import CONFIGURATION, AppHost
from ..support import ME, result


@pytest.fixture
def host(tmp_path, operator, monkeypatch):
    host = AppHost(tmp_path, operator)
    host.systemd = host.builds(monkeypatch)
    return host


@pytest.fixture
def venv(host):
    """An environment, complete, without pip: what a release needs of one."""
    path = host.root / "venvs" / "0123456789abcdef"
    subprocess.run(["python3", "-m", "venv", "--without-pip", path], check=True)
    host.has_venv(path.name, python=os.path.realpath(path / "bin" / "python"))
    return path.name


def made(host, venv, files, mode="apply", **more):
    """Commit files and make their release; gives the result and the run."""
    run = host.run(mode)
    commit = host.source.commit(files)
    host.send(host.run(), commit)
    run.about.commit = commit
    run.about.venv = venv
    return result(run, host.release(**more)), run


def path_of(host, run):
    return host.root / "releases" / run.about.release


def test_a_release_has_code_environment_files_and_a_manifest(host, venv):
    done, run = made(host, venv, {"app.py": "app = print\n", "bin/go": "#!/bin/sh\n"})
    path = path_of(host, run)

    assert done["state"] == "changed", done
    assert done["note"] == path.name
    assert path.name.endswith("-" + run.about.commit[:7])
    assert (path / ".venv").readlink() == host.root / "venvs" / venv
    assert stat.S_IMODE((path / CONFIGURATION).stat().st_mode) == 0o640
    assert stat.S_IMODE((path / "code" / "app.py").stat().st_mode) == 0o644
    assert not list(path.rglob(".git"))
    assert list((path / "code" / "__pycache__").glob("app.*.pyc"))
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["commit"] == run.about.commit
    assert manifest["venv"] == venv
    assert set(manifest["files"]) == {".venv", "code/app.py", "code/bin/go", CONFIGURATION}


def test_modes_and_links_of_the_repository_are_kept(host, venv):
    host.source.write("bin/go", "#!/bin/sh\n")
    (host.source.path / "bin" / "go").chmod(0o777)
    _, run = made(host, venv, {"app.py": "app = print\n", "static/now": "-> ../app.py"})
    code = path_of(host, run) / "code"

    assert stat.S_IMODE((code / "bin" / "go").stat().st_mode) == 0o755
    assert os.readlink(code / "static" / "now") == "../app.py"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "sub/../../../x"])
def test_a_link_that_leaves_the_code_is_refused_by_name(host, venv, target):
    done, _ = made(host, venv, {"app.py": "app = print\n", "static/x": f"-> {target}"})

    assert done["what"] == f"the repository has a link that leaves it: static/x -> {target}"
    assert host.releases() == []


CHAIN = {"a": "-> b/c", "b/c": "-> ../d", "d": "-> ../../x"}


def test_a_link_that_leaves_through_others_is_refused(host, venv):
    done, _ = made(host, venv, {"app.py": "app = print\n", **CHAIN})

    assert done["what"].startswith("the repository has a link that leaves it: ")
    assert host.releases() == []


PLANTED = ("__pycache__/app.cpython-311.pyc", "app.pyc", "a/__pycache__", "static/__pycache__")


def test_nothing_compiled_comes_from_a_repository(host, venv, operator):
    """Python runs what it finds in such a file, and a link of that name could lead anywhere."""
    links = {"a/__pycache__": "-> ../../..", "static/__pycache__": "-> /"}
    files = dict.fromkeys(PLANTED, "code of a stranger") | links
    done, run = made(host, venv, {"app.py": "app = print\n", "a/b.py": "c = 1\n", **files})
    code = path_of(host, run) / "code"

    assert done["state"] == "changed", done
    assert [path for path in code.rglob("*") if path.is_symlink()] == []
    compiled = [path for path in code.rglob("*.pyc") if b"stranger" in path.read_bytes()]
    assert (compiled, (code / "app.pyc").exists()) == ([], False)
    told = [event["text"] for event in operator.events() if event["event"] == "notice"]
    assert told == [
        "compiled Python in the repository is left out: __pycache__, a/__pycache__, app.pyc"
        " and 1 more"
    ]


LINKED = {
    "web/static/one.css": "body {}",
    "web/static/now.css": "-> one.css",
    "web/static/deep/then.css": "-> ../now.css",
    "web/static/all": "-> deep",
    "web/static/code": "-> ../app.py",
    "web/app.py": "app = print\n",
    "web/robots.txt": "-> ../conf/robots.txt",
    "conf/robots.txt": "User-agent: *",
    "web/other": "-> one.py",
    "web/one.py": "",
}


def test_links_to_what_nginx_serves_become_files(host, venv, operator):
    more = {"directory": "web", "static": ["static/", "robots.txt"]}
    done, run = made(host, venv, LINKED, **more)
    web = path_of(host, run) / "code" / "web"

    assert done["state"] == "changed", done
    static = web / "static"
    files = [static / "now.css", static / "deep" / "then.css", web / "robots.txt"]
    assert [path.is_symlink() for path in files] == [False, False, False]
    assert [path.read_text() for path in files] == ["body {}", "body {}", "User-agent: *"]
    kept = {path.name for path in web.rglob("*") if path.is_symlink()}
    assert kept == {"all", "code", "other"}
    (told,) = [event["text"] for event in operator.events() if event["event"] == "notice"]
    assert "these come from the app: web/static/all, web/static/code; have" in told
    assert (
        altered(
            str(web.parents[1]), json.loads((web.parents[1] / "manifest.json").read_text())["files"]
        )
        == []
    )


@pytest.mark.parametrize("directory", ["", "web"])
def test_a_link_on_the_way_to_what_nginx_serves_is_told(host, venv, operator, directory):
    files = {"dist/one.css": "body {}", "real/x": "", "static": "-> dist", "web": "-> real"}
    made(host, venv, {"app.py": "app = print\n", **files}, directory=directory, static=["static/"])

    (told,) = [event["text"] for event in operator.events() if event["event"] == "notice"]
    assert f"these come from the app: {directory or 'static'};" in told


def test_a_name_that_is_no_text_is_refused(host, venv):
    done, _ = made(host, venv, {"app.py": "app = print\n", "static/a\x1b[2Jb": "x"})

    what = "the repository has a name with control characters, or that is no UTF-8: "
    assert done["what"] == what + "static/a\\x1b[2Jb"
    assert host.releases() == []


def beside_the_compiled(place):
    (place / "code" / "__pycache__" / "other.cpython-311.pyc").write_text("x")


def link_for_the_compiled(place):
    (place / "code" / "static").mkdir()
    (place / "code" / "static" / "__pycache__").symlink_to("/")


def pipe_for_the_compiled(place):
    os.mkfifo(place / "code" / "__pycache__" / "app.pipe.pyc")


def directory_for_the_compiled(place):
    (place / "code" / "__pycache__" / "app.dir.pyc").mkdir()
    (place / "code" / "__pycache__" / "app.dir.pyc" / "x").touch()


@pytest.mark.parametrize(
    "change",
    [beside_the_compiled, link_for_the_compiled, pipe_for_the_compiled, directory_for_the_compiled],
)
def test_only_what_we_compiled_is_passed_over(host, venv, change):
    _, run = made(host, venv, {"app.py": "app = print\n"})
    place = path_of(host, run)
    noted = json.loads((place / "manifest.json").read_text())["files"]
    assert altered(str(place), noted) == []

    change(place)

    assert len(altered(str(place), noted)) == 1


def test_what_the_repository_keeps_elsewhere_is_told(host, venv, operator):
    files = {"app.py": "app = print\n", ".gitmodules": "[submodule]\n"}
    made(host, venv, {**files, ".gitattributes": "*.mp4 filter=lfs diff=lfs\n"})

    told = [event["text"] for event in operator.events() if event["event"] == "notice"]
    assert told == [
        "the directories of git submodules are empty: submodules are not fetched",
        "files in Git LFS are pointers only: LFS is not asked for them",
    ]


def test_a_release_that_is_made_and_not_live_yet_is_used_again(host, venv):
    _, first = made(host, venv, {"app.py": "app = print\n"})
    done, second = made(host, venv, {})

    assert done["state"] == "changed"
    again = host.run()
    again.about.hear(first.about.told())
    assert result(again, host.release())["state"] == "ok"
    assert again.about.release == first.about.release
    assert second.about.release != first.about.release


def test_a_release_that_was_live_before_is_made_anew(host, venv):
    _, run = made(host, venv, {"app.py": "app = print\n"})
    Verdicts(host.place).add(id=run.about.release, verdict="serving")
    again = host.run()
    again.about.commit = run.about.commit
    again.about.venv = venv

    assert result(again, host.release())["state"] == "changed"
    assert len(host.releases()) == 2


def live(host, run):
    Releases(host.place).switch(run.about.release)
    Verdicts(host.place).add(id=run.about.release, verdict="serving")


def test_new_configuration_alone_makes_a_release_of_the_same_commit(host, venv):
    _, first = made(host, venv, {"app.py": "app = print\n"})
    live(host, first)
    dry, run = host.run("check"), host.run()
    files = {CONFIGURATION: host.file("wsgi_app = 'app:app'\nworkers = 3\n")}

    would = result(dry, host.release(files=files))
    done = result(run, host.release(files=files))

    assert (would["state"], would["diff"][-1]) == ("would change", "+workers = 3")
    assert done["state"] == "changed", done
    assert path_of(host, run).name != first.about.release
    assert json.loads((path_of(host, run) / "manifest.json").read_text())["venv"] == venv


@pytest.mark.parametrize("name", [CONFIGURATION, "code/app.py"])
def test_a_file_changed_by_hand_makes_a_new_release(host, venv, name):
    _, run = made(host, venv, {"app.py": "app = print\n"})
    live(host, run)
    with (path_of(host, run) / name).open("a") as file:
        file.write("# by hand\n")

    done = result(host.run(), host.release())
    assert (done["state"], done["diff"][0]) == ("changed", "its files were changed by hand")


def test_an_app_that_does_not_import_is_the_canarys_matter(host, venv):
    done, run = made(host, venv, {"app.py": "raise SystemExit(3)\n"})

    assert done["state"] == "changed"
    assert host.releases() == [run.about.release]


def test_the_next_run_takes_what_failed_as_it_is(host, venv):
    _, run = made(host, venv, {"app.py": "app = print\n"})
    Verdicts(host.place).add(id=run.about.release, verdict="failed")
    again = host.run()
    again.about.commit = run.about.commit
    again.about.venv = venv

    assert result(again, host.release())["state"] == "ok"
    assert again.about.release == run.about.release


def test_what_was_broken_off_is_removed_by_the_next_run(host, venv):
    half = host.root / "releases" / ".20200101-000000-abcdef1.tmp" / "code"
    half.mkdir(parents=True)

    made(host, venv, {"app.py": "app = print\n"})

    assert not half.parent.exists()


def test_the_directory_must_be_in_the_commit(host, venv):
    done, _ = made(host, venv, {"app.py": "app = print\n"}, directory="web")

    assert done["what"] == "the commit has no directory web"


def test_shared_paths_are_links_and_seeded_once(host, venv):
    files = {"app.py": "app = print\n", "uploads/a.txt": "seed", "data/x.json": "seed"}
    paths = ["uploads", "data/x.json", "blog.db", "cache/deep/", "cache/deep/er", ".env"]
    _, run = made(host, venv, files, shared=paths)
    code, shared = path_of(host, run) / "code", host.root / "shared"

    for path in ("uploads", "data/x.json", "blog.db", "cache/deep", ".env"):
        assert (code / path).readlink() == shared / path
    assert (shared / "uploads" / "a.txt").read_text() == "seed"
    assert (shared / "data" / "x.json").read_text() == "seed"
    assert (shared / "cache" / "deep").is_dir()
    assert not (shared / "blog.db").exists()

    (shared / "data" / "x.json").write_text("of the app")
    made(host, venv, {"data/x.json": "new seed"}, shared=paths)
    assert (shared / "data" / "x.json").read_text() == "of the app"
    assert (path_of(host, run) / "seed" / "data" / "x.json").read_text() == "seed"


def put_live(host, venv, files, shared):
    """Make a release and put it live; gives what was told."""
    _, run = made(host, venv, files, shared=shared)
    Releases(host.place).switch(run.about.release)
    return [event["text"] for event in host.operator.events() if event["event"] == "notice"]


def test_a_file_that_is_shared_and_changes_in_a_later_commit_is_told_once(host, venv):
    shared, paths = host.root / "shared", ["uploads", "note.txt"]
    first = {"app.py": "app = print\n", "uploads/logo.png": "1", "uploads/b": "1", "note.txt": "1"}
    assert put_live(host, venv, first, paths) == []

    (told,) = put_live(host, venv, {"uploads/logo.png": "2", "uploads/new": "2"}, paths)

    assert told == (
        "uploads/logo.png: changed in this commit; the shared one stays as it is; "
        'to take it: ./fab run "cp ../seed/uploads/logo.png uploads/logo.png"'
    )
    assert (shared / "uploads/logo.png").read_text() == "1"
    assert (shared / "uploads/new").read_text() == "2"  # it had no first content so far
    assert put_live(host, venv, {"app.py": "app = iter\n"}, paths) == []
    code = Releases(host.place).path(Releases(host.place).current()) + "/code"
    subprocess.run(["cp", "../seed/uploads/logo.png", "uploads/logo.png"], cwd=code, check=True)
    assert (shared / "uploads/logo.png").read_text() == "2"


def test_what_the_app_has_removed_stays_away(host, venv):
    files = {"app.py": "app = print\n", "uploads/logo.png": "1", "uploads/b": "1"}
    put_live(host, venv, files, ["uploads"])
    (host.root / "shared/uploads/logo.png").unlink()

    assert put_live(host, venv, {"app.py": "app = iter\n"}, ["uploads"]) == []
    assert put_live(host, venv, {"uploads/logo.png": "2"}, ["uploads"]) == []
    assert not (host.root / "shared/uploads/logo.png").exists()


def test_a_release_of_an_earlier_version_does_not_say_what_it_had(host, venv):
    files = {"app.py": "app = print\n", "uploads/logo.png": "1"}
    put_live(host, venv, files, ["uploads"])
    manifest = Releases(host.place).path(Releases(host.place).current()) + "/manifest.json"
    with open(manifest) as file:
        old = json.load(file)
    del old["shared"]
    with open(manifest, "w") as file:
        json.dump(old, file)

    assert put_live(host, venv, {"uploads/logo.png": "2", "uploads/new": "2"}, ["uploads"]) == []
    assert not (host.root / "shared/uploads/new").exists()


def test_the_first_content_is_copied_in_a_sandbox(host, venv):
    """The app has laid links there, and may not have more of the host than it has by itself."""
    made(host, venv, {"app.py": "app = print\n", "uploads/a": "1"}, shared=["uploads"])

    said = host.systemd.runs()
    options = set(said[said.index(f"--unit=flaskwright.seed.{ME}.service") :])
    assert {"--property=ProtectSystem=strict", "--property=PrivateTmp=yes"} <= options
