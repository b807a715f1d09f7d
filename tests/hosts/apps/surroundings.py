"""What a process can write and talk to where it runs; for apps and builds of tests, no imports."""

from __future__ import annotations

import os
import socket
import stat

KERNEL = ("/proc", "/sys")  # what may be written there is the process itself
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET)


def report() -> dict[str, list[str]]:
    """Give the paths that can be written, the topmost of each tree, and the sockets that answer."""
    paths = list(_below("/"))
    writable = [path for path in paths if os.access(path, os.W_OK) and not os.path.islink(path)]
    topmost = [path for path in writable if os.path.dirname(path) not in writable]
    sockets = [path for path in paths if stat.S_ISSOCK(os.lstat(path).st_mode)]
    answering = [path for path in sockets if _answers(path)]
    abstract = [name for name in _abstract() if _answers(name)]
    return {"writable": sorted(topmost), "sockets": sorted({*answering, *abstract})}


def _below(top: str) -> list[str]:
    found = []
    for place, names, files in os.walk(top):
        names[:] = [name for name in names if os.path.join(place, name) not in KERNEL]
        found += [os.path.join(place, name) for name in names + files]
    return [path for path in found if os.path.lexists(path)]


def _abstract() -> list[str]:
    try:
        with open("/proc/net/unix") as table:
            names = [line.split()[-1] for line in table]
    except OSError:
        return []
    return sorted({"\0" + name[1:] for name in names if name.startswith("@")})


def _answers(address: str) -> bool:
    for kind in KINDS:
        with socket.socket(socket.AF_UNIX, kind) as link:
            link.settimeout(1)
            try:
                link.connect(address)
            except OSError:
                continue
            return True
    return False
