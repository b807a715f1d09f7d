"""The phases of a deploy, in order, and what makes one enter a phase that most deploys skip."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from .trial import Trial

TRANSACTION = (
    "requirements", "release", "backup", "migrate", "canary",
    "switch", "verify", "commit", "prune", "undo",
)  # fmt: skip
PHASES = ("fetch", *TRANSACTION)
# exit codes that are right besides: a person must look, or all was done a moment before
BESIDES = {"backup": (3,), "migrate": (3,), "prune": (0, 3)}
NOISE = 2_000_000  # bytes, for which a fetch takes long enough to be met
MIGRATION = """
import os, sqlite3, time
db = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS trial (note TEXT)")
db.execute("INSERT INTO trial VALUES ('begun')")
for _ in range(6):
    print("half of the work is done", flush=True)
    time.sleep(0.15)
db.execute("INSERT INTO trial VALUES ('done')")
"""


def prepare(trial: Trial, phase: str) -> None:
    """Commit and declare what the phase needs; `undo` needs `broken` besides."""
    project = trial.live.project
    if phase == "fetch":
        project.add("static/noise.txt", secrets.token_hex(NOISE))
    if phase == "requirements":
        project.add("requirements.txt", f"flask>=3.0\n# {trial.note}\n")
    if phase in ("backup", "migrate"):
        project.add("migrate.py", MIGRATION)
        project.declare(migrate="python migrate.py")
        trial.after.callback(project.declare)


@contextmanager
def broken(trial: Trial, phase: str) -> Iterator[None]:
    """For `undo`, commit an app that serves as a canary and not otherwise; then take it back."""
    if phase != "undo":
        yield
        return
    project = trial.live.project
    text = "import os\nif 'FLASKWRIGHT_CANARY' not in os.environ: raise OSError('no luck')\n"
    commit = project.change("app.py", "app = Flask(", f"{text}app = Flask(")
    try:
        yield
    finally:
        project.git("revert", "--no-edit", commit)
