"""The promise of a deploy to its visitors: each way to break it is told, and nothing else."""

from __future__ import annotations

import pytest

from tests.hosts.history import History, Outcome, Visit, violations


def seen(*releases: str, status: int = 200, every: float = 1.0) -> History:
    """One client, whose visits begin a second after another and take half of one."""
    visits = [
        Visit(n * every, n * every + 0.5, status if release else 502, release)
        for n, release in enumerate(releases)
    ]
    return History((tuple(visits),))


NEW, OLD = Outcome("a", "b", decided=3.5), Outcome("a", "a", decided=3.5)


@pytest.mark.parametrize(
    ("releases", "outcome"),
    [
        ("aabbb", NEW),
        ("ababb", NEW),  # while both serve
        ("aaaaa", OLD),
        ("abbaa", OLD),  # it was live, and was undone
        ("abb", Outcome("a", "b")),  # nobody has noted the end
    ],
)
def test_what_a_deploy_promises(releases: str, outcome: Outcome) -> None:
    assert violations(seen(*releases), outcome) == []


@pytest.mark.parametrize(
    ("releases", "outcome", "told"),
    [
        ("aabba", NEW, "began after the end, and is not of b"),
        ("aaaab", OLD, "began after the end, and is not of a"),
        ("abcbb", NEW, "is of neither release"),
        ("bbbbb", NEW, "began before the deploy, and is not of a"),
        ("aaaa", Outcome("a", "b"), "the last answer is not of b"),
        (["a", "", "b", "b"], NEW, "was not answered"),
        ("abca", Outcome("a", "a"), "is of neither release"),
    ],
)
def test_what_it_must_not_do(releases: str, outcome: Outcome, told: str) -> None:
    assert told in "\n".join(violations(seen(*releases), outcome))


def test_a_visit_that_began_before_the_commit_may_be_of_the_old_release() -> None:
    slow = (Visit(3.0, 9.0, 200, "a"), Visit(9.1, 9.2, 200, "b"))
    assert not violations(History((seen(*"aabb").clients[0], slow)), NEW)


def test_an_app_that_ends_itself_takes_what_it_was_answering_with_it() -> None:
    assert violations(seen("a", "", "a"), Outcome("a", "a"), dies=True) == []


def test_the_longest_time_without_an_answer_is_of_one_client() -> None:
    assert seen("a", "", "", "a").longest == 2.5
    assert History(()).longest == 0.0
