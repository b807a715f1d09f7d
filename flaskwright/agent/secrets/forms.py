"""The forms in which a host keeps an app's secrets, by what its systemd can hand to a service."""

from __future__ import annotations

import shutil

from ..engine.command import PATH
from ..engine.errors import Failed
from ..system.units import systemd_version

PROGRAM = "systemd-creds"
OLDEST = 247  # systemd that knows LoadCredential=
AS_FILE = 'keyring = { on_host = "file" } in hosts.toml'


class Form:
    """A word that ends the name of what is kept, and a unit's setting that leads the app to it."""

    def __init__(self, word: str, setting: str) -> None:
        self.word = word
        self.setting = setting


SEALED = Form("sealed", "LoadCredentialEncrypted=keyring:%s")
OPEN = Form("open", "LoadCredential=keyring:%s")
FILE = Form("file", "Environment=CREDENTIALS_DIRECTORY=%s")


def form_of(name: str) -> Form:
    """Give the form of what is kept under a name."""
    return next((form for form in (OPEN, FILE) if name.endswith(form.word)), SEALED)


def best_form(asked: str | None) -> Form:
    """Give the form for `asked`: `file`, `credential`, or None, which is what the host can.

    Raises Failed where systemd is too old for what is asked.
    """
    if asked == "file":
        return FILE
    if shutil.which(PROGRAM, path=PATH):
        return SEALED
    version = systemd_version()
    if version >= OLDEST:
        return OPEN
    if asked:
        what = "the systemd of this host cannot hand secrets to a service"
        why = "it is %s; %d is the oldest that can" % (version or "unknown", OLDEST)
        raise Failed(what, why, next=AS_FILE)
    return FILE
