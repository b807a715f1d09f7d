"""certbot, asked never to ask; and what its failures mean."""

from __future__ import annotations

import contextlib
import os
import re
import time
import urllib.parse

from ..common.text import spoken
from ..engine.errors import Failed
from ..system import disk
from ..system.disk import remove_tree
from .certbot_lock import BUSY, locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.output import Output
    from ..engine.run import Run


HOME = "/etc/letsencrypt"
LOG = "/var/log/letsencrypt/letsencrypt.log"
PATIENCE = 300.0  # seconds that another certbot, such as the timer's, may take
LONGEST = 1800.0  # seconds for certbot itself, which waits for the authority
PAUSES = (5.0, 15.0, 45.0)  # seconds before what passes by itself is tried again
SOON = 60  # seconds: an authority that says a longer wait is waited for by a person
PASSES = re.compile(
    r"badNonce|anti-replay nonce|serverInternal|50[0234] Server Error|[Ss]ervice (is )?(busy|down)"
)
FORGOTTEN = "accountDoesNotExist"
REHEARSED_AT = {  # the servers at which `--dry-run` asks another one, by certbot itself
    "https://acme-v02.api.letsencrypt.org/directory": (
        "https://acme-staging-v02.api.letsencrypt.org/directory"
    )
}

CHATTER = re.compile(
    r"Saving debug log|Ask for help|See the logfile|^- - -|Some challenges have failed|"
    r"Certbot failed to authenticate|^Hint:|Please see the|Processing /etc/|^Domain:|^Type:|"
    r"unexpected error|can't set attribute"
)

# What certbot prints, what it means, and what helps.
TROUBLES = (
    (
        FORGOTTEN,
        "the authority does not know the host's account any more",
        "certs.renew --force makes a new one, and a new certificate with it",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "the authority is not who it should be: its own certificate is not trusted here",
        "check the host's clock, and `acme.ca` in hosts.toml",
    ),
    (
        "Input the webroot|Missing command line flag|specify an authenticator",
        "certbot has not noted where it is to answer the authority, or another place",
        "certs.obtain notes it",
    ),
    (
        "rateLimited|too many (certificates|failed|new orders|requests)|Retry-After",
        "the authority has given or refused too much lately (a rate limit)",
        "wait as long as it says, then run the same command again",
    ),
    (
        "rejectedIdentifier|[Pp]olicy forbids|blocklist|forbidden by policy",
        "the authority gives no certificate for this name",
        "another domain, or another authority (`acme` in hosts.toml)",
    ),
    (
        "badNonce|anti-replay nonce",
        "the authority refuses its own nonces, which passes as a rule; it was tried several times",
        "run the same command again in a few minutes",
    ),
    (
        "NXDOMAIN|no valid A records|No valid IP|could not be resolved|no such host|SERVFAIL",
        "the authority finds no address for the name",
        "check the A and AAAA records; a new one may take an hour until it is seen",
    ),
    (
        r"Timeout during connect|[Cc]onnection refused.*acme|Error getting validation data|"
        r"i/o timeout|connect: |Fetching http|fetching .*acme-challenge",
        "the authority does not reach port 80 of the name",
        "open port 80 in the firewall, and in the router let it lead to this host",
    ),
    (
        "Invalid response from|urn:ietf:params:acme:error:unauthorized",
        "the authority got another answer on port 80 than this host's",
        "check where the domain leads to, over IPv4 and IPv6",
    ),
    (
        r"Max retries exceeded|Failed to establish|ConnectionError|Connection refused|"
        r"NewConnectionError|Temporary failure in name resolution|Read timed out|50[0234] Server",
        "the authority cannot be reached from this host",
        "run the same command again later, or check the host's network and DNS",
    ),
)


def certbot(run: Run, *words: str, ca: str = "", progress: bool = True) -> Output:
    """Run certbot, once another that is at work has ended; its exit status is the caller's matter.

    What an authority refuses for the moment alone is tried again a few times.
    `ca`: a file of certificates to trust, where the authority's own is not a usual one.
    """
    output = _run(run, words, ca, progress)
    for number, pause in enumerate(PAUSES, 2):
        seconds = _passes_in(output, pause)
        if not seconds:
            break
        told = "the authority refuses for the moment; tries again in %d s (%d of %d)"
        run.notice(told % (seconds, number, len(PAUSES) + 1))
        with run.waits("waits for the authority"):
            run.pause(seconds)
        output = _run(run, words, ca, progress)
    return output


def _passes_in(output: Output, pause: float) -> float:
    """Give the seconds to wait where a refusal passes by itself soon; 0: it does not."""
    said = "\n".join(output.lines)
    told = re.search(r"^Retry-After: (\d+)$", said, re.MULTILINE)
    if output.status and told:
        return float(told.group(1)) if int(told.group(1)) <= SOON else 0.0
    return pause if output.status and PASSES.search(said) else 0.0


def _run(run: Run, words: Sequence[str], ca: str, progress: bool) -> Output:
    """Run certbot once; its lines are followed by what the authority itself has said."""
    argv, deadline = ["certbot", *words, "--non-interactive"], time.monotonic() + PATIENCE
    server = words[words.index("--server") + 1 :][:1] if "--server" in words else ()
    while True:
        logged = len(disk.read(LOG) or b"")
        output = run.command(
            locked(argv),
            check=False,
            name="certbot",
            progress=progress,
            env={"REQUESTS_CA_BUNDLE": ca} if ca else {},
            timeout=LONGEST,
            silence=run.silence,
            urls=server,
        )
        if output.status != BUSY:
            output.lines += _logged(logged) if output.status else []
            return output
        if time.monotonic() > deadline:
            raise Failed("another certbot is at work and does not end", log=output.tail())
        run.progress("waiting for another certbot", always=True)
        with run.waits("waits for another certbot"):
            run.pause(2.0)


def rehearsed_at(server: str) -> str:
    """Give the server that `--dry-run` asks in the place of another; most have none."""
    return REHEARSED_AT.get(server, server)


def has_forgotten(output: Output) -> bool:
    """Tell whether certbot failed because the authority does not know the account any more."""
    return any(FORGOTTEN in line for line in output.lines)


@contextlib.contextmanager
def without_account(server: str) -> Iterator[None]:
    """Let certbot make a new account at a server; the former one is back where that fails."""
    parts = urllib.parse.urlsplit(server)
    place = os.path.join(HOME, "accounts", parts.netloc, parts.path.strip("/"))
    aside = place + ".forgotten"
    remove_tree(aside)
    os.rename(place, aside)
    try:
        yield
    except BaseException:
        remove_tree(place)
        os.rename(aside, place)
        raise


def _logged(start: int) -> list[str]:
    """Give what the authority said last, from byte `start` of the log on; a new log is read whole.

    Debian 12's certbot says `can't set attribute` instead, a mistake in the meeting of Python 3.11
    with one of its libraries. How long to wait stands nowhere else.
    """
    data = disk.read(LOG) or b""
    text = data[start if start <= len(data) else 0 :].decode("utf-8", "replace")
    said = re.findall(r"^acme\.messages\.Error: (.*)", text, re.MULTILINE)[-1:]
    waits = re.findall(r"^HTTP 429\n(?:.+\n)*?Retry-After: (.+)", text, re.MULTILINE)[-1:]
    return said + ["Retry-After: %s" % wait for wait in waits]


def accepted(what: str, output: Output) -> None:
    """Raise Failed, with `what`, unless certbot has succeeded."""
    if output.status:
        raise trouble(what, output)


def trouble(what: str, output: Output) -> Failed:
    """Make a Failed of certbot's output: a known cause with its cure, else its last lines."""
    log = [line for line in output.lines if not CHATTER.search(line)][-15:]
    for pattern, meaning, helps in TROUBLES:
        if re.search(pattern, "\n".join(output.lines)):
            return Failed(what, meaning, log, _with_wait(helps, output))
    why = "certbot ended with status %d" % output.status
    return Failed(what, why, log, "on the host: /var/log/letsencrypt/letsencrypt.log")


def _with_wait(helps: str, output: Output) -> str:
    """Say how long to wait, where the authority has: in seconds, or until a date."""
    found = re.search(r"^Retry-After: (.+)", "\n".join(output.lines), re.MULTILINE)
    if not found:
        return helps
    told = found.group(1).strip()
    wait = spoken(int(told)) if told.isdigit() else "until " + told
    return "wait %s, then run the same command again" % wait
