"""Whether a renewal would succeed, and nginx would take its result up: tried, not believed."""

from __future__ import annotations

import os
import time

from ..engine.errors import Failed
from ..web.nginx import server as nginx
from .certbot import HOME, accepted, certbot
from .lineage import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..engine.handler import State
    from ..engine.output import Output
    from ..engine.run import Run


HOOK = HOME + "/renewal-hooks/deploy/50-flaskwright-nginx"
PATIENCE = 5.0  # seconds for nginx's new workers


def renewed(run: Run, certificate: State, *words: str) -> Output:
    """Run `certbot renew` for a certificate (the fields of its resource), whatever comes of it.

    Without the sleep of up to 8 minutes that it takes by itself.
    """
    domain = run.site.domain
    must_be_there(domain)
    base = ("renew", "--cert-name", domain, "--no-random-sleep-on-renew")
    return certbot(run, *base, *words, ca=certificate["ca"])


def rehearse(run: Run, certificate: State) -> None:
    """Have the renewal rehearsed at the authority; Let's Encrypt has a server of its own for that.

    Raises Failed.
    """
    output = renewed(run, certificate, "--dry-run", "--server", certificate["server"])
    accepted("the renewal of %s failed in its rehearsal" % run.site.domain, output)


def must_be_there(domain: str) -> None:
    """Raise Failed where this host has no certificate for the domain."""
    if not os.path.exists(chain(domain)):
        raise Failed("there is no certificate for %s yet" % domain, next="./fab deploy")


def hook_trouble() -> str:
    """Say what is wrong with the hook that makes nginx serve a renewed certificate."""
    if not os.path.exists(HOOK):
        return "the renewal hook %s is not there" % HOOK
    return "" if os.access(HOOK, os.X_OK) else "the renewal hook %s is not executable" % HOOK


def must_have_hook() -> None:
    """Raise Failed without the hook that reloads nginx: certbot would not miss it."""
    missing = hook_trouble()
    if missing:
        why = "nginx would go on with the old certificate"
        raise Failed(missing, why, next="certs.hook writes it anew")


def run_hook(run: Run) -> None:
    """Run the hook as certbot does, which only logs its failures, and look whether nginx reloads.

    Raises Failed with its exit status and its words.
    """
    must_have_hook()
    before = set(nginx.workers())
    domain, names = run.site.domain, " ".join(run.site.names)
    given = {"RENEWED_LINEAGE": "%s/live/%s" % (HOME, domain), "RENEWED_DOMAINS": names}
    output = run.command([HOOK], check=False, timeout=90, env=given)
    why = "nginx would go on with the old certificate until that runs out"
    helps = "certs.hook writes ours anew; `sudo nginx -t` on the host says what nginx refuses"
    if output.status:
        what = "the renewal hook fails: exit status %d" % output.status
        raise Failed(what, why, output.tail(), helps)
    if not _has_new_workers(before):
        raise Failed("the renewal hook ran, and nginx did not reload", why, output.tail(), helps)


def _has_new_workers(before: set[int]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        now = set(nginx.workers())
        if now and not now & before:
            return True
        time.sleep(0.05)
    return False
