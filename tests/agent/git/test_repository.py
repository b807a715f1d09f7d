"""The app's repository on the host, with real git at both ends."""

import stat
import subprocess

import pytest

from flaskwright.agent.engine.output import Output
from flaskwright.agent.git.commits import Commits
from flaskwright.agent.git.remote import Remote, without_login

from ..app_host import AppHost
from ..support import result


@pytest.fixture
def host(tmp_path, operator):
    return AppHost(tmp_path, operator)


@pytest.fixture
def url(host):
    return f"file://{host.source.path}"


def text(run, host, commit, path):
    return Commits(run).text(commit, path)


def test_a_local_commit_is_asked_for_and_kept_without_its_history(host):
    host.source.commit({"app.py": "1"})
    commit, run = host.source.commit({"app.py": "2"}), host.run()

    assert host.send(run, commit)["state"] == "changed"
    assert run.about.commit == commit
    assert text(run, host, commit, "app.py") == "2"
    assert (host.root / "repo.git" / "shallow").read_text() == f"{commit}\n"
    assert stat.S_IMODE((host.root / "repo.git").stat().st_mode) == 0o700


def test_a_commit_that_is_there_is_not_asked_for(host):
    commit = host.source.commit({"app.py": "1"})
    host.send(host.run(), commit)
    host.operator.events()
    run = host.run()

    assert result(run, host.repository(commit))["state"] == "ok"
    assert run.about.commit == commit
    assert host.operator.events() == []


def test_what_the_host_has_is_said_when_it_asks(host):
    first = host.source.commit({"app.py": "1"})
    host.send(host.run(), first)
    second = host.source.commit({"app.py": "2"})
    host.operator.events()

    assert host.send(host.run(), second)["state"] == "changed"
    (want,) = (event for event in host.operator.events() if event["event"] == "want")
    assert want["value"] == {"commit": second, "have": [first]}


def test_an_operator_who_has_no_pack_is_a_failure(host):
    host.operator.say(b"")

    failed = result(host.run(), host.repository("0123456789" * 4))

    assert failed["what"] == "commit 0123456 could not be sent"


def test_half_a_pack_is_not_taken_for_the_commit(host):
    first = host.source.commit({"app.py": "1", "b": "1"})
    host.operator.say(
        subprocess.run(
            ["git", "-C", host.source.path, "pack-objects", "--stdout", "-q"],
            input=first.encode(),
            check=True,
            capture_output=True,
        ).stdout
    )

    assert result(host.run(), host.repository(first))["state"] == "failed"
    assert host.send(host.run(), first)["state"] == "changed"


def test_what_a_git_that_was_killed_has_left_stops_nobody(host, url):
    host.source.commit({"app.py": "1"})
    result(host.run(), host.repository(url=url))
    left = ("config.lock", "shallow.lock", "refs/flaskwright/1.lock", "objects/pack/tmp_pack_1")
    for name in left:
        (host.root / "repo.git" / name).touch()
    host.source.commit({"app.py": "2"})

    assert result(host.run(), host.repository(url=url))["state"] == "changed"
    assert not any((host.root / "repo.git" / name).exists() for name in left)


def test_a_reference_that_a_power_cut_has_emptied_is_written_anew(host):
    commit = host.source.commit({"app.py": "1"})
    host.send(host.run(), commit)
    (host.root / "repo.git/refs/flaskwright" / commit).write_bytes(b"")

    assert host.send(host.run(), commit)["state"] == "changed"
    assert Commits(host.run()).kept() == [commit]


def test_packs_do_not_pile_up(host):
    old, new = (host.source.commit({"app.py": text}) for text in "12")
    for commit in (old, new):
        host.send(host.run(), commit)
    here = Commits(host.run())
    here.git("config", "gc.autoPackLimit", "1")

    here.forget(old)

    assert len(list((host.root / "repo.git/objects/pack").glob("*.pack"))) == 1
    assert here.kept() == [new]


def test_a_dry_run_asks_for_nothing(host):
    commit, run = host.source.commit({"app.py": "1"}), host.run("check")

    assert result(run, host.repository(commit))["state"] == "would change"
    assert run.about.commit == commit
    assert host.operator.events() == []
    assert not (host.root / "repo.git").exists()


@pytest.mark.parametrize("ref", ["", "HEAD", "main", "refs/heads/main", "v1", "short", "full"])
def test_each_form_of_a_ref_is_fetched(host, url, ref):
    commit = host.source.commit({"app.py": "1"})
    host.source.git("tag", "-a", "v1", "-m", "one")
    ref, run = {"short": commit[:7], "full": commit}.get(ref, ref), host.run()

    assert result(run, host.repository(url=url, ref=ref))["state"] == "changed"
    assert run.about.commit == commit
    assert text(run, host, commit, "app.py") == "1"
    assert result(host.run(), host.repository(url=url, ref=ref))["state"] == "ok"


@pytest.mark.parametrize("length", [7, 40])
def test_an_older_commit_is_fetched_with_the_history(host, url, length):
    older = host.source.commit({"app.py": "1"})
    host.source.commit({"app.py": "2"})
    result(host.run(), host.repository(url=url))
    run = host.run()

    assert result(run, host.repository(url=url, ref=older[:length]))["state"] == "changed"
    assert run.about.commit == older


def test_an_id_that_no_name_stands_for_comes_without_history(host, url):
    first, asked, _ = (host.source.commit({"app.py": text}) for text in "123")
    run = host.run()

    assert result(run, host.repository(url=url, ref=asked))["state"] == "changed"
    known = Commits(run).resolve
    assert (known(asked), known(first)) == (asked, "")


def test_a_branch_that_moved_is_seen_in_a_dry_run_and_fetched(host, url):
    host.source.commit({"app.py": "1"})
    result(host.run(), host.repository(url=url, ref="main"))
    moved = host.source.commit({"app.py": "2"})
    dry = host.run("check")

    assert result(dry, host.repository(url=url, ref="main"))["state"] == "would change"
    assert dry.about.commit == moved
    assert result(host.run(), host.repository(url=url, ref="main"))["state"] == "changed"


def test_a_ref_that_is_not_there_names_what_comes_close(host, url):
    host.source.commit({"app.py": "1"})
    host.source.git("branch", "feature")

    failed = result(host.run(), host.repository(url=url, ref="featur"))

    assert failed["what"] == f"{url} has no branch, tag or commit featur"
    assert failed["next"] == "there are: feature"


def test_a_short_id_that_is_nobodys_is_a_failure(host, url):
    host.source.commit({"app.py": "1"})

    failed = result(host.run(), host.repository(url=url, ref="abcdef1"))

    assert "has no branch, tag or commit abcdef1" in failed["what"]


def test_an_empty_repository_is_told(host, url):
    failed = result(host.run(), host.repository(url=url))

    assert failed["what"] == f"{url} is empty"


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("file:///nowhere/x.git", "does not exist"),
        ("https://nowhere.invalid/x.git", "cannot be reached from the host"),
        ("https://me:secret@nowhere.invalid/x.git", "cannot be reached from the host"),
        ("ext::sh -c touch% /never", "is not what git may follow on the host"),
        ("--upload-pack=touch /never", "is not what git may follow on the host"),
    ],
)
def test_a_url_that_does_not_work_says_why(host, url, what):
    failed = result(host.run(), host.repository(url=url))

    assert failed["what"] == f"{without_login(url)} {what}"
    assert "secret" not in str(failed)


def test_a_server_that_breaks_off_says_so(host):
    said = [
        "remote: Counting objects:  50% (1/2)",
        "fetch-pack: unexpected disconnect while reading sideband packet",
        "fatal: early EOF",
    ]
    url, run = "git://example.org/x.git", host.run()
    here = Commits(run)

    trouble = Remote(url, here)._trouble(Output("git fetch", 128, "", "\n".join(said), said))

    assert trouble.what == f"{url} broke off before all of the commit was here"
    assert trouble.log == said[1:]
    assert trouble.next.startswith("run the same command again")


def test_files_are_read_through_links_within_the_commit_only(host):
    commit = host.source.commit(
        {"a": "text\n", "in": "-> a", "out": "-> ../x", "abs": "-> /etc/passwd", "d/f": ""}
    )
    run = host.run()
    host.send(run, commit)

    found = {path: text(run, host, commit, path) for path in ("a", "in", "d/f")}
    assert found == {"a": "text\n", "in": "text\n", "d/f": ""}
    assert all(text(run, host, commit, path) is None for path in ("out", "abs", "d", "none"))


@pytest.mark.parametrize("name", ["odd\u2028name", "odd\x85name", "odd\u202ename"])
def test_a_branch_whose_name_has_ends_of_lines_is_one_branch(host, url, name):
    commit = host.source.commit({"app.py": "1"})
    host.source.git("branch", name)

    remote = Remote(url, Commits(host.run()))
    remote.ask()

    assert remote.names["refs/heads/" + name] == commit
    assert set(remote.names.values()) == {commit}
