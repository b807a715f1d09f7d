"""What an app reaches of its host; for the probe of a test."""

from __future__ import annotations

import mmap
import os
import socket
import struct
from typing import Any

DEVICE, MISSING = "/dev/gpiomem", "/dev/i2c-9"
PLACES = ("/mnt/photos", "/home/pi/photos", "/srv/media", "/mnt/other")


def report() -> dict[str, Any]:
    """Give what can be used of all that `permissions` is about, and what is open to every app."""
    return {
        "devices": sorted(set(os.listdir("/dev")) & {"gpiomem", "i2c-9", "sda", "mem"}),
        "device": _tried(_use),
        "written": [place for place in PLACES if _tried(lambda place=place: _write(place)) == "ok"],
        "jit": _tried(_make_code),
        "owners": sorted({os.stat(f"/proc/{pid}").st_uid for pid in _processes()}),
        "kernel": _writable_of_the_kernel(),
        "links": _interfaces(),
        "netlink": _tried(_change_the_network),
    }


def _tried(use: Any) -> str:
    try:
        use()
    except OSError as error:
        return error.strerror or str(error)
    return "ok"


def _use() -> None:
    with open(DEVICE, "r+b", buffering=0) as device:
        device.write(b"1")


def _write(place: str) -> None:
    with open(f"{place}/from-an-app", "w") as file:
        file.write("x")


def _make_code() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _processes() -> list[str]:
    return [name for name in os.listdir("/proc") if name.isdigit()]


def _writable_of_the_kernel() -> list[str]:
    """Give what can be written below /proc and /sys, but for the process itself."""
    found = []
    for top in ("/proc", "/sys"):
        for place, names, files in os.walk(top):
            own = {name for name in names if top == place == "/proc" and name.isdigit()}
            names[:] = [name for name in names if name not in own]
            paths = [os.path.join(place, name) for name in names + files]
            found += [path for path in paths if not os.path.islink(path)]
    return sorted(path for path in found if os.access(path, os.W_OK))


def _interfaces() -> list[str]:
    return sorted(name for _, name in socket.if_nameindex())


def _change_the_network() -> None:
    """Ask the kernel by netlink to take the loopback device down (rtnetlink(7), RTM_NEWLINK)."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as link:
        body = struct.pack("=BxHiII", 0, 0, 1, 0, 1)
        link.send(struct.pack("=IHHII", 16 + len(body), 16, 5, 1, 0) + body)
        (error,) = struct.unpack_from("=i", link.recv(4096), 16)
        if error:
            raise OSError(-error, os.strerror(-error))
