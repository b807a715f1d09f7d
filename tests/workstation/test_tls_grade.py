"""testssl.sh on the operator's machine: a program of that name that says what the test wants."""

import json

import pytest

from flaskwright.errors import StepFailed, Unreachable, UsageError
from flaskwright.workstation import tls_grade
from tests import certificate
from tests.hosts_file import host_in

DOMAIN = 'domain = "blog.example.org"'


@pytest.fixture
def testssl(tmp_path, monkeypatch):
    """Make it: `report` is the file that it writes; its arguments are in `asked`."""
    path = tmp_path / "bin"
    path.mkdir()
    monkeypatch.setenv("PATH", f"{path}:/usr/bin:/bin")

    def made(report=None):
        (tmp_path / "report").write_text(report or "")
        script = path / "testssl"
        script.write_text(
            f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n'
            'while [ "$1" != --jsonfile ]; do shift; done\n'
            + (f'cp {tmp_path}/report "$2"\n' if report else "echo it broke\n")
        )
        script.chmod(0o755)
        return tmp_path / "asked"

    return made


def found(**names):
    return json.dumps([{"id": name, "finding": text} for name, text in names.items()])


def test_a_good_grade(tmp_path, testssl):
    asked = testssl(found(overall_grade="A+", final_score="96"))

    assert tls_grade.grade(host_in(tmp_path, host=DOMAIN)) == ("testssl.sh on 192.0.2.7: A+", "")
    words = asked.read_text()
    assert "--ip 192.0.2.7" in words and words.endswith(" https://blog.example.org\n")
    assert "--add-ca" not in words


def test_what_caps_a_grade_is_told(tmp_path, testssl):
    testssl(found(overall_grade="T", grade_cap_reason_1="it is expired", other="x"))

    _, wrong = tls_grade.grade(host_in(tmp_path, host=DOMAIN))

    assert wrong == "it is expired"


def test_the_authority_of_acme_is_trusted(tmp_path, testssl):
    made = certificate.made()
    (tmp_path / "ca.pem").write_text(made)
    acme = 'acme = { server = "https://acme.example.org/dir", ca = "ca.pem" }'
    host = host_in(tmp_path, host=f"{DOMAIN}\n{acme}")
    asked = testssl(found(overall_grade="A"))

    tls_grade.grade(host)

    assert tls_grade.authorities(host) == made
    assert "--add-ca " in asked.read_text()


def test_without_it_the_way_to_get_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unreachable) as told:
        tls_grade.grade(host_in(tmp_path, host=DOMAIN))

    assert told.value.exit_code == 5
    assert "apt-get install testssl.sh" in told.value.next


@pytest.mark.parametrize(
    ("report", "error"), [(found(id="no grade"), Unreachable), (None, StepFailed)]
)
def test_one_that_is_too_old_or_breaks(tmp_path, testssl, report, error):
    testssl(report)

    with pytest.raises(error):
        tls_grade.grade(host_in(tmp_path, host=DOMAIN))


def test_a_plain_site_has_no_grade(tmp_path):
    with pytest.raises(UsageError, match="has no TLS"):
        tls_grade.grade(host_in(tmp_path))


def test_one_that_comes_to_no_end_is_told(tmp_path, testssl, monkeypatch):
    monkeypatch.setattr(tls_grade, "LONGEST", 0.2)
    testssl(found(overall_grade="A"))
    (tmp_path / "bin" / "testssl").write_text("#!/bin/sh\nexec sleep 60\n")

    with pytest.raises(StepFailed, match="no result in"):
        tls_grade.grade(host_in(tmp_path, host=DOMAIN))
