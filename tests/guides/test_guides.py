from pathlib import Path

import pytest

import guides  # noqa: F401 - makes them known
from fabfile import ns
from flaskwright import guide

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in HERE.glob("*.txt"))


@pytest.fixture(params=NAMES)
def known(request):
    return guide.guide_named(request.param)


def test_headings_are_those_of_the_text_in_order(known):
    text = (HERE / f"{known.name}.txt").read_text().splitlines()

    ours = [heading.title for heading in known.headings]
    assert [title for title in ours if title in text] == text
    assert all(title in text or title.split(":")[0] in text for title in ours)


def test_each_heading_has_tasks_or_the_reason_why_none(known):
    for heading in known.headings:
        assert heading.tasks or heading.by_hand or heading.later, heading.title


def test_each_task_of_a_guide_can_be_typed(known):
    for heading in known.headings:
        for task in heading.tasks:
            assert ns[task.full_name] is task


def test_each_guide_has_a_list_of_its_headings():
    assert guide.known() == NAMES
