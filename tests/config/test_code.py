"""An app's repository: on this machine, or for git on the host to fetch."""

import subprocess
from pathlib import Path

import pytest

from flaskwright.errors import UsageError
from flaskwright.inventory import Inventory, load

TWO = """
[apps]
blog = { repo = "https://git.example.org/blog.git" }
wiki = { repo = "wiki" }

[hosts]
one = { guide = "ubuntu", address = "192.0.2.1", app = "blog" }
two = { guide = "ubuntu", address = "192.0.2.2", app = "wiki" }
"""


def loaded(directory: Path, text: str) -> Inventory:
    (directory / "hosts.toml").write_text(text)
    return load(directory / "hosts.toml")


def one_host(directory: Path, repo: str, ref: str = "") -> Inventory:
    return loaded(
        directory,
        f'apps = {{ blog = {{ repo = "{repo}"{ref and f", ref = {ref!r}"} }} }}\n'
        'hosts = { pi = { guide = "ubuntu", address = "192.0.2.1", app = "blog" } }\n',
    )


def refusal(inventory: Inventory, chosen: str | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        inventory.select(chosen)
    return caught.value


def repository(path: Path, *options: str) -> None:
    subprocess.run(["git", "init", "--quiet", *options, str(path)], check=True)


def test_a_remote_repository_has_no_local_half(tmp_path):
    app = one_host(tmp_path, "git@git.example.org:blog.git").apps["blog"]

    assert (app.local, app.ref) == (None, "")


def test_a_local_repository_is_relative_to_the_file_and_sends_head(tmp_path, monkeypatch):
    repository(tmp_path / "code" / "blog")
    (tmp_path / "etc").mkdir()
    monkeypatch.chdir("/")

    inventory = one_host(tmp_path / "etc", "../code/blog")
    (host,) = inventory.select()

    assert (host.app.local, host.app.ref) == (tmp_path / "code" / "blog", "HEAD")
    assert one_host(tmp_path / "etc", "../code/blog", "v1").apps["blog"].ref == "v1"


@pytest.mark.parametrize("options", [[], ["--bare"]])
def test_a_local_repository_may_be_bare(tmp_path, options):
    repository(tmp_path / "blog", *options)

    assert one_host(tmp_path, "blog").select()


def test_a_local_repository_that_is_not_there(tmp_path):
    error = refusal(one_host(tmp_path, "blog"))

    assert error.what == f"hosts.toml: apps.blog.repo: there is no directory {tmp_path}/blog"


def test_a_directory_that_is_no_repository(tmp_path):
    (tmp_path / "blog").mkdir()
    error = refusal(one_host(tmp_path, "blog"))

    assert error.what == f"hosts.toml: apps.blog.repo: {tmp_path}/blog is not a git repository"
    assert error.next == f"git init {tmp_path}/blog, and commit the app"


def test_a_directory_inside_of_a_repository_is_told_how_to_be_named(tmp_path):
    repository(tmp_path)
    (tmp_path / "apps" / "blog").mkdir(parents=True)
    error = refusal(one_host(tmp_path, "apps/blog"))

    assert error.why == f"It is inside of one, {tmp_path}."
    assert 'directory = "apps/blog"' in error.next


def test_a_broken_repository_is_no_matter_for_other_hosts(tmp_path):
    inventory = loaded(tmp_path, TWO)

    assert inventory.select("one")
    refusal(inventory, "two")
