"""The hunt for secrets that got out: in processes while something runs, in files afterwards.

Every planted value holds the same mark, so that it is found in whatever it was wrapped in.
"""

from __future__ import annotations

import base64
import json
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flaskwright.secrets import spellings

from .conftest import Live

# Reads marks and a user id from its first line, looks at every process of this machine, those of
# throw-away hosts among them, each 10 ms until its input ends; then it tells what it saw. What a
# process was given cannot change but with what it runs.
_SAMPLER = """
import json, os, select, sys, time
marks, app = json.loads(sys.stdin.readline())
marks = [mark.encode() for mark in marks]
seen, known, rounds = set(), {}, 0
def text(pid, name):
    try:
        with open("/proc/%s/%s" % (pid, name), "rb") as file:
            return file.read()
    except OSError:
        return b""
def owner(pid):
    try:
        return os.stat("/proc/" + pid).st_uid
    except OSError:
        return app
while not select.select([sys.stdin], [], [], 0)[0]:
    began, rounds = time.monotonic(), rounds + 1
    for pid in filter(str.isdigit, os.listdir("/proc")):
        argv = text(pid, "cmdline")
        if known.get(pid) == argv:
            continue
        known[pid] = argv
        given = text(pid, "environ") if owner(pid) != app else b""
        for what, data in (("argv", argv), ("environ", given)):
            if any(mark in data for mark in marks):
                seen.add("%s of %s" % (what, text(pid, "comm").decode().strip()))
    time.sleep(max(0.0, 0.04 - (time.monotonic() - began)))
print(json.dumps([sorted(seen), rounds]))
"""

# Reads marks and a time from its input, and every file that was changed since, whatever its mode.
_HUNTER = """
import json, os, re, subprocess, sys
marks, since = json.load(sys.stdin)
pattern = re.compile("|".join(map(re.escape, marks)).encode())
found = []
for top, names, files in os.walk("/"):
    names[:] = [n for n in names if os.path.join(top, n) not in ("/proc", "/sys", "/dev")]
    for path in (os.path.join(top, name) for name in files):
        try:
            status = os.lstat(path)
            if status.st_ctime >= since and status.st_mode & 0o170000 == 0o100000:
                with open(path, "rb") as file:
                    if pattern.search(path.encode() + file.read()):
                        found.append([path, status.st_mode & 0o777])
        except OSError:
            continue
argv = ["journalctl", "--quiet", "--all", "--output=export", "--since=@%d" % since]
lines = subprocess.run(argv, stdout=subprocess.PIPE).stdout.split(b"\\n\\n")
found += [["journal", 0] for line in lines if pattern.search(line)][:1]
print(json.dumps(found))
"""


@dataclass
class Planted:
    """Values of each awkward sort, all with the same mark in them."""

    mark: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def marks(self) -> list[str]:
        """What to look for: the mark, its base64 in every place of a text, its hexadecimal."""
        return sorted(set(spellings(self.mark)) - {""})

    def values(self, generation: int) -> dict[str, str]:
        """Return a value for each user name; those of another generation differ."""
        one = f"{self.mark}-{generation}"
        return {
            "quotes": f"'{one}'\"{one}\"",
            "newline": f"{one}\n{one}\n",
            "dollar": f"$HOME `{one}` ${{x}}",
            "backslash": f"\\n\\{one}\\",
            "unicode": f"pässwörd☃{one}",
            "long": f"{one} " + "4 KB " * 816,
            "base64": base64.b64encode(f"{one} of itself".encode()).decode(),
        }

    def in_text(self, text: str) -> bool:
        """Tell whether any of it got into a text."""
        return any(mark in text for mark in self.marks)


@dataclass
class Seen:
    """What a sampler saw, and how often it looked."""

    where: list[str] = field(default_factory=list)
    rounds: int = 0


@contextmanager
def sampled(planted: Planted, app: int) -> Iterator[Seen]:
    """Look at all processes while the body runs; environments of the user `app` are its own."""
    seen = Seen()
    argv = [sys.executable, "-c", _SAMPLER]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps([planted.marks, app]) + "\n")
        process.stdin.flush()
        try:
            yield seen
        finally:
            out, _ = process.communicate("", timeout=30)
    seen.where, seen.rounds = json.loads(out)


def on_the_host(planted: Planted, live: Live, since: float) -> list[tuple[str, int]]:
    """Return the files, with their modes, and whether the journal, that have any of it."""
    done = subprocess.run(
        [*live.host.ssh, f"sudo python3 -c {shlex.quote(_HUNTER)}"],
        input=json.dumps([planted.marks, since]),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return [(path, mode) for path, mode in json.loads(done.stdout)]
