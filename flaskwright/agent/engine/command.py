"""Programs of the host: started from argument lists, watched to their end."""

from __future__ import annotations

import os
import pwd
import subprocess

from . import activity
from .errors import Failed
from .output import Lines, Output
from .watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import ContextManager

    from .watch import How

    Telling = Callable[[Callable[[], str]], ContextManager[None]]


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
KEPT = (*PROXIES, "XDG_RUNTIME_DIR")
NAMED = 3  # words of a command line that name it in a message


def execute(
    argv: Sequence[str], how: How, on_line: Callable[[str], None] | None, telling: Telling
) -> Output:
    """Run `argv` in a process group of its own; each line goes to `on_line` as it comes.

    telling: has what says what the program is at while that runs.
    """
    how.setdefault("name", activity.called(argv))
    with started(argv, how) as process:
        watch = Watch(process, Lines(on_line), how)
        with telling(watch.doing):
            return watch.finish(" ".join(argv[:NAMED]))


def started(argv: Sequence[str], how: How) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own; raises Failed where there is no such program."""
    user, cwd, given = how.get("user"), how.get("cwd") or "/", how.get("input")
    try:
        return subprocess.Popen(
            [*_becoming(user), *argv],
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(user, how.get("env")),
            cwd=cwd,
            start_new_session=True,
            pass_fds=how.get("descriptors", ()),
        )
    except FileNotFoundError:
        missing = argv[0] if os.path.isdir(cwd) else cwd
        raise Failed("%s is not on this host" % missing) from None


def _becoming(user: str | None) -> list[str]:
    if user is None or os.geteuid() != 0:
        return []
    account = pwd.getpwnam(user)
    ids = ["--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--init-groups"]
    return ["setpriv", *ids, "--no-new-privs", "--"]


def _environment(user: str | None, more: dict[str, str] | None) -> dict[str, str]:
    account = pwd.getpwnam(user) if user else pwd.getpwuid(os.geteuid())
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment.update(
        LC_ALL="C.UTF-8",
        PATH=PATH,
        HOME=account.pw_dir,
        USER=account.pw_name,
        LOGNAME=account.pw_name,
    )
    environment.update(more or {})
    return environment
