"""Where the packages of an image come from: the mirror this machine's own apt uses, if Debian's."""

import re
import tempfile
from functools import cache
from pathlib import Path

from sandbox.commands import run, succeeds

HELPER = "/usr/lib/apt/apt-helper"
FORMAT = "$(CREATED_BY)\t$(LABEL)\t$(COMPONENT)\t$(REPO_URI)"
CARRIED = re.compile(
    r"Acquire::(https?::(Proxy|Timeout|Verify-|CaInfo)|Check-Valid-Until|Check-Date|Retries|Force)"
)


def sources(suite: str) -> list[str]:
    """Lines of a sources.list: main, updates, security; none = what mmdebstrap takes by itself."""
    mirrors = configured()
    if not {"Debian", "Debian-Security"} <= mirrors.keys():
        return []
    main, security = mirrors["Debian"], mirrors["Debian-Security"]
    wanted = [(main, suite), (main, f"{suite}-updates"), (security, f"{suite}-security")]
    offered = [(uri, name) for uri, name in wanted if name == suite or offers(uri, name)]
    return [f"deb {uri} {name} main" for uri, name in offered]


def configured() -> dict[str, str]:
    """The addresses in apt's configuration by the label that the archive gives itself."""
    lines = run(["apt-get", "indextargets", "--format", FORMAT]).splitlines()
    rows = [line.split("\t") for line in lines if line.startswith("Packages\t")]
    return {label: uri for _, label, component, uri in reversed(rows) if component == "main"}


def offers(uri: str, suite: str) -> bool:
    """Whether the archive has that suite, asked the way apt asks (proxies, certificates)."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"{uri.rstrip('/')}/dists/{suite}/InRelease"
        return succeeds([HELPER, "download-file", url, str(Path(directory) / "InRelease")])


@cache
def apt_options() -> list[str]:
    """The settings of this machine's apt without which its network or clock would refuse."""
    lines = run(["apt-config", "dump"]).splitlines()
    return sorted({line for line in lines if CARRIED.match(line) and not line.endswith('"";')})
