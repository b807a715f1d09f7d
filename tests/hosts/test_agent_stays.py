"""The agent on a real host: there after the first command, altered, cut off, of two versions."""

from __future__ import annotations

import pytest

from .conftest import Live, on

pytestmark = on("bookworm", whole=["trixie"])

TREES = "/var/lib/flaskwright/host.agent"


def versions(live: Live) -> set[str]:
    return set(live.shell(f"sudo ls {TREES}").split()) - {"lock"}


def test_it_lies_there_root_s_alone_and_compiled(live: Live) -> None:
    (one,) = versions(live)
    others = f"sudo find {TREES} ( ! -user root -o -perm /022 ) ! -type l"
    assert live.shell(others.replace("(", "\\(").replace(")", "\\)").replace("!", "\\!")) == ""
    assert live.shell(f"sudo stat -c %a {TREES}/{one}").strip() == "700"
    assert live.shell(f"sudo find {TREES}/{one} -name 'main.*.pyc'")


def test_the_transaction_and_its_recovery_have_the_same_one(live: Live) -> None:
    link = "/var/lib/flaskwright/guestbook/transaction/agent"
    (one,) = versions(live)
    assert live.shell(f"sudo readlink {link}").strip() == f"{TREES}/{one}"


def test_a_command_adds_nothing_to_it(live: Live) -> None:
    look = f"sudo find {TREES} -newer {TREES}/*/seal -type f ! -name lock".replace("!", "\\!")
    live.project.on_host("status")
    assert live.shell(f"sudo sh -c '{look}'", check=False) == ""


@pytest.mark.parametrize(
    "how", ["echo mine >> {}/agent/main.py", "chmod o+w {}/agent", "rm {}/seal"]
)
def test_one_that_was_altered_is_replaced_by_the_next_command(live: Live, how: str) -> None:
    (one,) = versions(live)
    live.shell(f"sudo sh -c '{how.format(f'{TREES}/{one}')}'")

    assert live.project.on_host("status").code == 0

    assert versions(live) == {one}
    assert live.shell(f"sudo grep -c '^mine' {TREES}/{one}/agent/main.py", check=False) == "0\n"
    assert live.shell(f"sudo cat {TREES}/{one}/seal | wc -c").strip() == "32"
    assert live.shell(f"sudo find {TREES}/{one} -perm /022") == ""


def test_a_host_of_an_earlier_version_takes_the_next_deploy(live: Live) -> None:
    """Those had an agent for each app, and the last transaction's link leads there."""
    state = "/var/lib/flaskwright/guestbook"
    (one,) = versions(live)
    live.shell(
        f"sudo mkdir {state}/agent && sudo mv {TREES}/{one} {state}/agent/of-then && "
        f"sudo ln -sfn {state}/agent/of-then {state}/transaction/agent"
    )

    live.project.commit("of now")
    live.deploy()

    assert versions(live) == {one}
    assert live.shell(f"sudo ls {state} | grep -x agent", check=False) == ""
