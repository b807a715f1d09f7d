"""python -m sandbox ACT [ARGUMENTS]: one act as root, told in JSON lines (see privileged)."""

import argparse
import json
import sys
from typing import Any

from flaskwright.errors import FlaskwrightError
from sandbox.privileged import ACTS, described
from sandbox.state import lab


def tell(**message: Any) -> None:
    """Print an event as one line of JSON, for the process on this side of sudo."""
    print(json.dumps(message), flush=True)


def main() -> int:
    """Do the act; the exit status is that of its error."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("act", choices=sorted(ACTS))
    parser.add_argument("arguments", nargs="?", default="{}", type=json.loads, help="JSON object")
    given = parser.parse_args()
    try:
        ACTS[given.act](lab(), lambda text: tell(progress=text), **given.arguments)
    except FlaskwrightError as error:
        tell(error=described(error))
        return error.exit_code
    tell(done=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
