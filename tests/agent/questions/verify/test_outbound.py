"""Whether an app that may not reach other machines really cannot."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from flaskwright.agent.engine.output import Output
from flaskwright.agent.questions.verify import outbound
from flaskwright.agent.questions.verify.site import SiteLook

from ...support import AnsweredRun
from ...web_answers import HERE, fields_of_site

SLOT = "blog@1.service"


@pytest.fixture
def site(tmp_path, operator, monkeypatch):
    """A site whose systemd answers `denied`, and whose trial ends with `status`."""
    service = SimpleNamespace(look=lambda: SimpleNamespace(serving=[SLOT]))
    monkeypatch.setattr(outbound, "Service", lambda *words: service)

    def made(denied, status, **more):
        def command(argv, **how):
            said = f"IPAddressDeny={denied}\n" if argv[0] == "systemctl" else ""
            return Output(argv[0], status if argv[0] == "systemd-run" else 0, said, "", [])

        run = AnsweredRun(operator.wire)
        run.answers = command
        return SiteLook(fields_of_site(**{"outbound": False, **more}), run)

    return made


@pytest.mark.parametrize(
    ("denied", "status", "states"),
    [
        ("::/0 0.0.0.0/0", outbound.FILTERED, ["ok", "ok"]),
        ("", outbound.FILTERED, ["wrong: it has no filter; deploy again", "ok"]),
        (
            "::/0 0.0.0.0/0",
            outbound.PASSED,
            ["ok", "wrong: it is sent: this systemd cannot filter (no BPF for control groups)"],
        ),
        ("::/0", 1, ["ok", "wrong: it could not be tried (exit status 1)"]),
    ],
)
def test_units_and_a_trial_are_looked_at(site, denied, status, states):
    found = list(outbound.isolation(site(denied, status)))

    assert [looked for looked, _ in found] == [f"{SLOT}: IPAddressDeny", f"a datagram to {HERE}"]
    assert [state for _, state in found] == states


def test_an_app_that_may_reach_out_is_left_alone(site):
    assert list(outbound.isolation(site("", 0, outbound=True))) == []


def test_the_trial_sends_a_datagram_where_nothing_filters():
    argv = [sys.executable, "-I", "-c", outbound._TRY, "127.0.0.1"]

    assert subprocess.run(argv).returncode == outbound.PASSED
