"""Every message about a key of hosts.toml, once."""

import pytest

from .files import complaint, document, problems

LATER = "not yet in this version"
RELATIVE = "a relative path of letters, digits and . _ @ + - (it is written into the site's files)"

TOP = [
    ({"defualt": "pi"}, 'defualt: unknown key; did you mean "default"?'),
    ({"zzz": 1}, "zzz: unknown key"),
    ({"default": 1}, "default: should be a host, a group, or several with commas between, not 1"),
    ({"default": "pii"}, 'default: no host or group "pii"; did you mean "pi"?'),
    ({"default": "attic"}, 'default: no host or group "attic"; there are: pi'),
    ({"groups": {"web": []}}, "groups.web: names no host"),
    ({"groups": {"web": "pi"}}, 'groups.web: should be a list, not "pi"'),
    ({"groups": {"pi": ["pi"]}}, "groups.pi: a host has this name too"),
    ({"groups": {"web": ["pii"]}}, 'groups.web: no host "pii"; did you mean "pi"?'),
    ({"groups": {"web": ["pi", "pi"]}}, 'groups.web[1]: "pi" stands twice'),
    ({"hosts": {}}, "hosts: no host yet: a table [hosts.NAME] is needed"),
    ({"groups": []}, "groups: should be a table, not a list"),
]

APP = [
    ({"repo": None}, "repo: missing; should be a URL, user@host:path, or a path beside hosts.toml"),
    ({"repo": "-u"}, 'repo: may not begin with "-": git would take it for an option'),
    (
        {"repo": "ext::sh -c id"},
        "repo: names a remote helper, which is a program that git would run",
    ),
    (
        {"repo": "svn://example.org/x"},
        "repo: should be a URL with one of https, http, ssh, git, file, not svn",
    ),
    ({"repo": "https://"}, "repo: should be a URL, user@host:path, or a path beside hosts.toml"),
    ({"ref": "-x"}, 'ref: may not begin with "-": git would take it for an option'),
    ({"ref": "a b"}, "ref: may not hold spaces or control characters"),
    ({"ref": "a..b"}, 'ref: may not hold "..": one commit is wanted, no range'),
    ({"ref": "+main"}, 'ref: should be a branch, a tag or a commit, not "+main"'),
    (
        {"wsgi": "app.py"},
        'wsgi: should be "module:callable" or "module:factory()", not "app.py"',
    ),
    ({"directory": "a b"}, f'directory: should be {RELATIVE}, not "a b"'),
    ({"directory": "../x"}, 'directory: may not hold "..": it would leave its place'),
    ({"directory": "/x"}, 'directory: should be relative, without "/" at its beginning'),
    ({"directory": "~/x"}, 'directory: should be relative; "~" has no meaning here'),
    ({"directory": "a\\b"}, r'directory: should have "/" between its parts, and no "\"'),
    ({"shared": ["../../etc"]}, 'shared[0]: may not hold "..": it would leave its place'),
    ({"shared": ["."]}, "shared[0]: should name something below the app's directory"),
    ({"shared": ["a\n"]}, "shared[0]: may not hold control or invisible characters"),
    ({"shared": ["a", "a"]}, 'shared[1]: "a" stands twice'),
    ({"shared": ["a/b", "a/"]}, 'shared: "a/b" is in "a" already'),
    ({"shared": "uploads"}, 'shared: should be a list, not "uploads"'),
    (
        {"requirements": "-r"},
        'requirements: may not begin with "-": programs would take it for an option',
    ),
    ({"python": "../python"}, 'python: may not hold "..": it would leave its place'),
    (
        {"python": "python 3"},
        'python: should be the name or the absolute path of an interpreter, not "python 3"',
    ),
    (
        {"health": "up"},
        'health: should be a path of a URL: "/" first, then letters, digits and . _ ~ - /, '
        'not "up"',
    ),
    ({"health": "/../x"}, 'health: may not hold "." or ".." as a part'),
    ({"static": {"/": "public/"}}, 'static."/": would hide the whole app'),
    (
        {"static": {"/.well-known/acme-challenge/": "x/"}},
        'static."/.well-known/acme-challenge/": the certificate authority asks here',
    ),
    (
        {"static": {"/static/": "./"}},
        'static."/static/": should name something below the app\'s directory',
    ),
    (
        {"static": {"/static/": "static"}},
        'static."/static/": "/" ends both for a directory and neither for a file; '
        'this leads to "static"',
    ),
    (
        {"env": {"1X": "a"}},
        'env.1X: should be a name of letters, digits and _, the first no digit, not "1X"',
    ),
    ({"env": {"LISTEN_FDS": "3"}}, "env.LISTEN_FDS: Flaskwright and systemd set this"),
    ({"env": {"PORT": 8000}}, 'env.PORT: should be text, in quotes: "8000"'),
    ({"env": {"DEBUG": True}}, 'env.DEBUG: should be text, in quotes: "true"'),
    ({"env": {"X": ["a"]}}, "env.X: should be text, not a list"),
    ({"env": {"X": "a\nb"}}, "env.X: may not hold line breaks or NUL"),
    ({"env": {"X": "{"}}, 'env.X: has a lone brace; write "{{" or "}}" for a plain one'),
    (
        {"env": {"X": "{sharde}"}},
        "env.X: {sharde} is none of {shared}, {release}, {domain}; "
        'did you mean "shared"?; write {{sharde}} for plain braces',
    ),
    (
        {"env": {"X": "{{release}}"}},
        "env.X: {{release}} would be filled in on the host after all; write it another way",
    ),
    (
        {"env": {"X": "secret:A"}},
        "env.X: should name a keyring entry, SERVICE/USERNAME, after secret:",
    ),
    ({"memory": "512"}, 'memory: should be a size such as "512M" or "2G", not "512"'),
    ({"memory": 512}, 'memory: should be a size such as "512M" or "2G", not 512'),
    ({"workers": "four"}, 'workers: should be a whole number, not "four"'),
    ({"workers": True}, "workers: should be a whole number, not true"),
    ({"workers": 2.0}, "workers: should be a whole number, not 2.0"),
    ({"workers": 0}, "workers: should be from 1 to 64, not 0"),
    ({"outbound": "no"}, 'outbound: should be true or false, not "no"'),
    (
        {"cutover": "restat"},
        'cutover: should be one of "auto", "restart", not "restat"; did you mean "restart"?',
    ),
    ({"migrate": ""}, "migrate: names no program"),
    ({"migrate": "'' x"}, "migrate: names no program"),
    ({"migrate": "flask 'db"}, "migrate: has a quote or a backslash without what it is for"),
    (
        {"hooks": {"after_commit": "a && b"}},
        'hooks.after_commit: is not run by a shell, which "&&" is for; write sh -c "…"',
    ),
    ({"secrets": ["A"]}, 'secrets[0]: should be a keyring entry, SERVICE/USERNAME, not "A"'),
    ({"plain": ["A/b/c"]}, 'plain[0]: should be a keyring entry, SERVICE/USERNAME, not "A/b/c"'),
    ({"timeout": 600}, 'timeout: is called "deploy_timeout" now'),
    ({"worker": 1}, 'worker: unknown key; did you mean "workers"?'),
]

HOST = [
    ({"domian": "x.org"}, 'domian: unknown key; did you mean "domain"?'),
    (
        {"guide": None},
        'guide: missing; should be one of "raspberry-pi", "ubuntu", "nest", "uberspace", "docker"',
    ),
    (
        {"guide": "rasberry-pi"},
        'guide: should be one of "raspberry-pi", "ubuntu", "nest", "uberspace", "docker", '
        'not "rasberry-pi"; did you mean "raspberry-pi"?',
    ),
    (
        {"app": None},
        "app: missing; should be a name of lower-case letters, digits and -, at most 31, "
        "the first a letter (it becomes a user, a unit and a path)",
    ),
    ({"app": "blgo"}, 'app: no app "blgo"; did you mean "blog"?'),
    ({"address": None}, "address: missing; should be how ssh reaches the host"),
    ({"address": "-oX"}, 'address: may not begin with "-": ssh would take it for an option'),
    ({"address": "pi@x"}, "address: should be an address alone: a user goes into the key `user`"),
    ({"address": "http://x"}, "address: should be an address alone, no URL"),
    ({"address": "[::1]"}, "address: should have no brackets; a port goes into the key `port`"),
    ({"address": "x:22"}, "address: should be an address alone: a port goes into the key `port`"),
    (
        {"address": "a b"},
        'address: should be a host name, an IP address, or a Host of ssh_config, not "a b"',
    ),
    ({"user": "a b"}, 'user: should be a login name, not "a b"'),
    ({"port": 70000}, "port: should be from 1 to 65535, not 70000"),
    (
        {"domain": "*.example.org"},
        "domain: a wildcard cannot be proven over port 80; name each domain in `aliases`",
    ),
    (
        {"domain": "https://example.org"},
        "domain: should be the name alone, without http:// and path",
    ),
    ({"domain": "example.org."}, "domain: should not end with a dot"),
    (
        {"domain": "192.0.2.7"},
        "domain: is an address; a site without a domain answers on every address",
    ),
    (
        {"domain": "bücher.example"},
        'domain: should be spelled as DNS has it, "xn--bcher-kva.example"',
    ),
    ({"domain": "straße.example"}, 'domain: should be spelled as DNS has it, "xn--…"'),
    ({"domain": "a_b.example"}, 'domain: should be a domain name, not "a_b.example"'),
    ({"aliases": ["x.org"]}, "aliases: need a domain that they lead to"),
    ({"domain": "x.org", "aliases": ["X.org"]}, 'aliases: "x.org" is the domain itself'),
    ({"email": "me"}, 'email: should be a mail address, not "me"'),
    (
        {"sandbox": {"suite": "sid"}, "address": None},
        'sandbox.suite: should be one of "bookworm", "trixie", "bullseye", not "sid"',
    ),
    ({"sandbox": True}, "sandbox: should be a table, not true"),
    ({"sandbox": {}}, "address: a sandbox has its own; leave it out"),
    (
        {"domain": None, "acme": {"server": "https://ca.example.org/dir"}},
        "acme: needs a domain to get a certificate for",
    ),
    (
        {"domain": None, "tls": {"hsts": "preload"}},
        "tls: needs a domain to get a certificate for",
    ),
    (
        {"tls": {"dhparam": "ffdhe1024"}},
        'tls.dhparam: should be one of "ffdhe2048", "generate", not "ffdhe1024"; '
        'did you mean "ffdhe2048"?',
    ),
    (
        {"domain": "x.org", "acme": {"profile": "--six-days"}},
        'acme.profile: should be a profile\'s name, not "--six-days"',
    ),
    (
        {"keyring": {"file": "x", "command": "pass"}},
        "keyring: should name one source; this has file and command",
    ),
    (
        {"keyring": {"on_host": "files"}},
        'keyring.on_host: should be one of "credential", "file", not "files"; did you mean "file"?',
    ),
    (
        {"keyring": {"command": "pass show {user}"}},
        "keyring.command: {user} is none of {host}, {app}, {service}, {username}; "
        'did you mean "username"?; write {{user}} for plain braces',
    ),
    ({"ddns": {}}, f"ddns: {LATER}"),
    ({"network": {}}, f"network: {LATER}"),
    ({"mysql": {}}, "mysql: the guide raspberry-pi has none; used by ubuntu"),
    ({"mysql": {"user": "root"}, "guide": "ubuntu"}, "mysql.user: is the server's own"),
    ({"mysql": {"database": "SYS"}, "guide": "ubuntu"}, "mysql.database: is the server's own"),
    (
        {"mysql": {"database": "a-b"}, "guide": "ubuntu"},
        "mysql.database: should be a name of letters, digits and _, at most 64, the first a "
        'letter, not "a-b"',
    ),
    (
        {"mysql": {"host": "db.example.org"}, "guide": "ubuntu"},
        'mysql.host: should be one of "localhost", "127.0.0.1", not "db.example.org"',
    ),
    ({"postgres": {}, "guide": "docker"}, f"postgres: {LATER}"),
    ({"mysql": {}}, "mysql: the guide raspberry-pi has none; used by ubuntu"),
]


@pytest.mark.parametrize(("changes", "message"), TOP)
def test_the_top_of_the_file(tmp_path, changes, message):
    assert complaint(tmp_path, **changes) == message


@pytest.mark.parametrize(("changes", "message"), APP)
def test_an_app(tmp_path, changes, message):
    assert complaint(tmp_path, app=changes) == f"apps.blog.{message}"


@pytest.mark.parametrize(("changes", "message"), HOST)
def test_a_host(tmp_path, changes, message):
    assert complaint(tmp_path, host=changes) == f"hosts.pi.{message}"


def test_a_domain_that_the_environment_needs(tmp_path):
    assert complaint(tmp_path, app={"env": {"URL": "http://{domain}"}}) == (
        "hosts.pi.domain: missing; apps.blog.env.URL holds {domain}"
    )


def test_all_problems_are_told_at_once_each_with_file_and_path(tmp_path):
    assert problems(tmp_path, document(app={"workers": 0}, host={"domian": "x"}, defualt="pi")) == [
        'hosts.toml: defualt: unknown key; did you mean "default"?',
        "hosts.toml: apps.blog.workers: should be from 1 to 64, not 0",
        'hosts.toml: hosts.pi.domian: unknown key; did you mean "domain"?',
    ]
