import pytest

from flaskwright.report.ages import in_words

NOW = "2026-11-20T14:38:57Z"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-20T14:38:57Z", "just now"),
        ("2026-11-20T14:37:20Z", "97 seconds ago"),
        ("2026-11-20T14:37:40Z", "1 minute ago"),
        ("2026-11-20T14:00:00Z", "38 minutes ago"),
        ("2026-11-20T13:38:57Z", "1 hour ago"),
        ("2026-11-20T12:58:57Z", "100 minutes ago"),
        ("2026-11-20T11:00:00Z", "3 hours ago"),
        ("2026-11-18T11:00:00Z", "2 days ago"),
        ("2026-11-01T11:00:00Z", "2 weeks ago"),
        ("2025-06-01T11:00:00Z", "1 year ago"),
        ("2020-06-01T11:00:00Z", "6 years ago"),
        ("2026-11-21T14:38:57Z", "2026-11-21T14:38:57Z"),  # the host's clock was set back
        ("2026-13-45T14:38:57Z", "2026-13-45T14:38:57Z"),
    ],
)
def test_a_moment_in_words(moment, words):
    assert in_words(f"live since {moment}, by me", NOW) == f"live since {words}, by me"


def test_without_the_host_s_time_it_stays():
    assert in_words("since 2026-11-20T11:00:00Z", "") == "since 2026-11-20T11:00:00Z"
