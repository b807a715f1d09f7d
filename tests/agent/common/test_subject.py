"""What a run is about: what is set is told by its name, to sides of other ages too."""

from flaskwright.agent.common.subject import Subject


def test_only_what_was_set_is_told():
    about = Subject()
    assert about.told() == {}

    about.commit, about.person = "", ""  # looked for, and none so far; nothing to look at any more
    about.release = "r1"

    assert about.told() == {"commit": "", "release": "r1"}


def test_what_is_told_is_heard_and_names_of_another_version_are_left_out():
    about = Subject({"release": "r1", "told": "no method any more", "later": 1})

    assert about.told() == {"release": "r1"}
    about.hear({"serves": "", "release": "r2"})
    assert about.told() == {"release": "r2", "serves": ""}
