import pytest

from flaskwright.report.status_lines import lines
from tests.hosts_file import host_in

NOW = "2026-11-20T14:38:57Z"


@pytest.fixture
def host(tmp_path):
    return host_in(tmp_path, host='domain = "blog.example.org"')


def test_it_begins_with_the_url_and_says_ages(host):
    answer = {"release": "r2", "since": "2026-11-20T11:38:57Z", "now": NOW}

    assert list(lines(answer, host, None)) == [
        "https://blog.example.org/",
        "release: r2",
        "since: 3 hours ago",
    ]


@pytest.mark.parametrize("how", ["failed at venv", "was cut off and not undone"])
def test_what_did_not_end_well_stands_right_below_it(host, how):
    last = f"2026-11-20T14:33:57Z, {how}, by me@home"
    _, second, third = lines({"release": "r1", "last transaction": last, "now": NOW}, host, None)

    assert second == (
        f"last transaction: 5 minutes ago, {how}, by me@home; ./fab -H pi attach shows it"
    )
    assert third == "release: r1"


def test_it_fits_a_terminal(host):
    told = list(lines({"service": "a word or two " * 20, "now": NOW}, host, 59))
    assert max(map(len, told)) <= 59
