"""The order of a deploy: what the app itself has to do comes around the switch."""

import pytest

import guides  # noqa: F401 - makes them known
from flaskwright.agent import kinds as agent_kinds
from flaskwright.agent.engine.handler import HANDLERS
from flaskwright.plan import plan
from tasks import daily, secrets
from tests.hosts_file import host_in

COMMANDS = """
migrate = "flask db 'up grade'"
hooks = { before_switch = "flask warm", after_commit = "flask announce" }
"""


def kinds(host):
    return [item.resource.kind for item in plan.make(host, daily.deploy.resources(host)).items]


def test_migration_and_hooks_come_around_the_switch(tmp_path):
    found = kinds(host_in(tmp_path, app=COMMANDS, host='domain = "blog.example.org"'))

    place = found.index("release")
    rest = [kind for kind in found[place:] if kind not in ("link", "unit", "directory", "file")]
    first = ["release", "migrated", "before-switch", "serving"]
    last = ["kept", "after-commit", "proof", "hsts"]
    assert rest[:4] == first
    assert rest[-4:] == last  # and nothing that comes before the commit
    for kind in last:
        agent_kinds.load(kind)
        assert HANDLERS[kind].after_commit


@pytest.mark.parametrize("task", [daily.deploy, secrets.push, secrets.rotate])
def test_the_user_whose_file_secrets_may_be_is_there_before_them(tmp_path, task):
    app = 'secrets = ["MYSQL_AUTH/password"]'
    host = host_in(tmp_path, app=app, host='keyring = { on_host = "file" }')
    items = [item.resource for item in plan.make(host, task.resources(host)).items]
    names = [item.id for item in items]
    (credential,) = (item for item in items if item.kind == "credential")

    assert credential.on_host == "file"
    assert names.index("user:blog") < names.index(credential.id)


def test_without_them_nothing_of_the_kind_is_planned(tmp_path):
    assert not {"migrated", "before-switch", "after-commit"} & set(kinds(host_in(tmp_path)))


def test_the_words_of_a_command_are_those_of_shlex(tmp_path):
    host = host_in(tmp_path, app=COMMANDS)
    items = plan.make(host, daily.deploy.resources(host)).items
    (migrated,) = (item.resource for item in items if item.resource.kind == "migrated")

    assert migrated.argv[-3:] == ("flask", "db", "up grade")
    assert migrated.argv[3] == "/srv/blog/releases/{release}"


def test_names_in_braces_are_filled_in_commands_as_in_env(tmp_path):
    command = "touch {shared}/a https://{domain}/ {release} {{x}}"
    hooks = f'hooks = {{ before_switch = "{command}", after_commit = "{command}" }}'
    keys = f'migrate = "{command}"\n{hooks}'
    host = host_in(tmp_path, app=keys, host='domain = "blog.example.org"')
    items = plan.make(host, daily.deploy.resources(host)).items
    commands = [item.resource.argv for item in items if hasattr(item.resource, "argv")]

    words = ("touch", "/srv/blog/shared/a", "https://blog.example.org/", "{release}", "{{x}}")
    assert [argv[-5:] for argv in commands] == [words] * 3
    assert [word.format(release="R") for word in words][-2:] == ["R", "{x}"]
