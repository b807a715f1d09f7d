"""What earlier versions left on a host in the middle of a switch is recovered by this one.

`states/YEAR-MONTH` is what a version of then wrote, on a host whose power went: pending.json,
releases.jsonl, plan.json (without its resources) and the journal, with ROOT, STATE and the names
of the releases put in. A change of these formats adds a directory, and changes none.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flaskwright.agent.transaction import transaction

from .slot_host import NEW, OLD, TWO, SlotHost
from .transactions import is_closed, journal, result_of

STATES = sorted((Path(__file__).parent / "states").iterdir())


@pytest.fixture(params=STATES, ids=lambda path: path.name)
def host(request: pytest.FixtureRequest, live: SlotHost, process: None) -> SlotHost:
    """A host that serves OLD, and NEW too since a moment ago; its agent is gone."""
    live.releases.switch(NEW)
    live.run().command(["systemctl", "start", TWO])
    place = live.state / "transactions" / "20261130-194304-467"
    place.mkdir(parents=True)
    (live.state / "transaction").symlink_to(f"transactions/{place.name}")
    for path in request.param.iterdir():
        text = path.read_text().replace("ROOT", str(live.root)).replace("STATE", str(live.state))
        ours = path.name in ("plan.json", "journal.jsonl")
        (place if ours else live.state).joinpath(path.name).write_text(text)
    return live


@pytest.mark.parametrize("mode", ["recover", "boot"])
def test_it_is_undone(host: SlotHost, mode: str) -> None:
    if mode == "boot":
        host.systemd.stop()

    assert transaction.main(mode, str(host.state)) == 0

    assert host.releases.current() == OLD
    assert mode == "boot" or set(host.runs().values()) == {OLD}
    assert is_closed(host)
    result, facts = result_of(journal(host))
    assert result["what"].startswith("the deploy was cut off on the host")
    assert facts == {"serves": OLD}
    assert host.verdicts.good()[-1] == OLD
    assert host.verdicts.last()[NEW]["verdict"] == "failed"
