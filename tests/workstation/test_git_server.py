import pytest

from flaskwright.secrets.redactor import redact
from flaskwright.workstation import git_server
from flaskwright.workstation.git_server import Server, server_of
from tests.hosts_file import host_in
from tests.sshd import make_key


@pytest.mark.parametrize(
    ("repo", "server"),
    [
        ("https://git.example.org/me/blog.git", Server("https", "git.example.org")),
        ("https://git.example.org:8443/blog.git", Server("https", "git.example.org", 8443)),
        ("ssh://git@git.example.org:2222/blog.git", Server("ssh", "git.example.org", 2222)),
        ("git@git.example.org:me/blog.git", Server("ssh", "git.example.org")),
        ("git.example.org:blog.git", Server("ssh", "git.example.org")),
        ("../blog", None),
        ("file:///srv/blog.git", None),
    ],
)
def test_the_server_of_a_url(repo, server):
    assert server_of(repo) == server


@pytest.fixture
def host(tmp_path, monkeypatch):
    monkeypatch.setenv("FLASKWRIGHT_CI_FLASKWRIGHT_GIT_EXAMPLE_ORG_GIT", "glpat-1234")
    return host_in(tmp_path, host='keyring = { environment = "FLASKWRIGHT_CI_" }')


def test_a_token_is_a_login_for_its_server_only(host):
    login = git_server.login(host, "https://git.example.org/blog.git")
    assert login == b"username=x-access-token\npassword=glpat-1234\n"
    for other in ("https://git.example.org:8443/blog.git", "https://example.org/blog.git"):
        assert git_server.login(host, other) == b""


def test_a_token_with_its_user_is_hidden_by_itself_too(host, monkeypatch):
    monkeypatch.setenv("FLASKWRIGHT_CI_FLASKWRIGHT_GIT_EXAMPLE_ORG_GIT", "robot:glpat-9876")

    login = git_server.login(host, "https://git.example.org/blog.git")
    assert login == b"username=robot\npassword=glpat-9876\n"
    assert "glpat-9876" not in redact("glpat-9876")


@pytest.mark.parametrize("repo", ["http://git.example.org/b.git", "git@git.example.org:b", "app"])
def test_no_token_goes_where_it_could_be_read_on_the_way(host, repo):
    assert git_server.login(host, repo) == b""


def test_host_keys_are_those_the_operator_trusts(tmp_path):
    known, config = tmp_path / "known_hosts", tmp_path / "config"
    keys = [make_key(tmp_path / name).with_suffix(".pub").read_text() for name in ("a", "b")]
    good, bad = (key.split()[1] for key in keys)
    known.write_text(
        f"[git.example.org]:2222 ssh-ed25519 {good}\n@revoked * ssh-ed25519 {bad}\n"
        f"[git.example.org]:2222 ssh-ed25519 {bad}\nother.example.org ssh-ed25519 {good}\n"
    )
    config.write_text(f"UserKnownHostsFile {known}\nGlobalKnownHostsFile none\n")

    lines = git_server.host_keys("ssh://git@git.example.org:2222/b.git", str(config))
    assert lines.decode().split() == ["[git.example.org]:2222", "ssh-ed25519", good]
    assert git_server.host_keys("https://git.example.org/b.git", str(config)) == b""
