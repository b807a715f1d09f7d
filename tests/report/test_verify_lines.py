"""Each row of `verify` that is off has a cure of its own, and stands where it is seen."""

import re
from pathlib import Path

import pytest

from flaskwright.agent.questions.verify.findings import OK, wrong
from flaskwright.agent.questions.verify.table import CHECKS
from flaskwright.report import verify_lines
from tests.hosts_file import host_in

WRONG = {
    ("certificate", "self-signed certificate in certificate chain"): "acme.ca",
    ("certificate", "unable to get local issuer certificate"): "acme.ca",
    ("certificate", "certificate has expired"): "certs.renew --force",
    ("certificate", "not renewed"): "certs.renew;",
    ("certificate", "certificate is not yet valid"): "set-ntp",
    ("site", "it answers 500"): "logs",
    ("site", "it answers 404"): "`health`",
    ("site", "no answer: [Errno 111] Connection refused"): "nginx.start",
    ("processes", "what runs is 20261120-143827-f78b554"): "gunicorn.restart",
    ("processes", "blog.socket does not listen"): "gunicorn.start",
    ("nginx", "it is not in force; nginx.reload puts it so"): "nginx.reload",
    ("headers", "X-Frame-Options is sent 2 times"): "the app sends it",
    ("headers", "X-Frame-Options is sent not"): "deploy",
    ("static files", "x is not in the release: commit it, or leave it out"): "commit it",
    ("manifest", "code/app.py is not as deployed"): "puts it back",
    ("manifest", "code/app.py is not as deployed; no rollback leads to it"): "none is needed",
    ("outbound", "it is sent: this systemd cannot filter (no BPF for control groups)"): "kernel",
    ("unknown names", "nginx answers 200"): "default_server",
    ("source files", "visitors get /app.py"): "`static`",
    ("URL", "blog.example.org has no address here: Name or service not known"): "A record",
    ("transaction", "it is open; see attach"): "attach",
}


@pytest.fixture
def host(tmp_path):
    return host_in(tmp_path)


def row(heading, state, looked_at="x"):
    return {"heading": heading, "looked at": looked_at, "state": state}


@pytest.mark.parametrize(("heading", "why"), WRONG)
def test_advice_fits_the_row(host, heading, why):
    assert WRONG[heading, why] in verify_lines.cure(row(heading, wrong(why)), host)


def test_every_heading_has_a_cure_whatever_is_wrong(host):
    known = {heading for heading, pattern, _ in verify_lines.CURES if not pattern}
    headings = {heading for heading, _ in CHECKS} - {"maintenance"}

    assert headings <= known
    assert {"URL", "TLS grade"} <= known


def test_commands_in_advice_are_tasks():
    from fabfile import ns

    advice = " ".join(advice for *_, advice in verify_lines.CURES)
    assert set(re.findall(r"\./fab -H \{host\} ([\w.-]+\w)", advice)) <= set(ns.task_names)


def test_what_is_wrong_comes_last(host):
    checks = [row("site", wrong("it answers 500")), row("nginx", OK), row("URL", "closed")]

    assert list(verify_lines.lines({"checks": checks}, host, None)) == [
        "heading  looked at  state",
        "nginx    x          ok",
        "URL      x          closed",
        "site  x",
        "  wrong: it answers 500",
        "  next   ./fab -H pi logs -n 50 shows what the app says",
    ]


def test_it_fits_a_terminal(host):
    long = "a file with a very long name, " * 10
    checks = [row("source files", OK, long), row("manifest", wrong(long), long)]
    lines = list(verify_lines.lines({"checks": checks}, host, 59))

    assert max(map(len, lines)) <= 59
    assert lines[1].endswith("…")


def test_where_all_is_well_it_says_so(host):
    *_, last = verify_lines.lines({"checks": [row("nginx", OK)]}, host, None)
    assert last == "all of 1 as they should be"


def test_no_row_of_the_agent_is_wrong_by_another_word():
    source = (
        Path(verify_lines.__file__).parents[1] / "agent/questions/verify/findings.py"
    ).read_text()
    assert f'WRONG = "{verify_lines.WRONG}"' in source
