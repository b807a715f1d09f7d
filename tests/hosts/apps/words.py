"""An app that writes down what each of its processes finds: environment, and places of modules."""

from __future__ import annotations

import json
import os
import sys

import greeting  # in libs/, which PYTHONPATH names
from flask import Flask, redirect
from werkzeug.wrappers import Response

LOGIN = 401


def note(name: str) -> None:
    """Keep it below {shared}, under the name of the process."""
    found = {
        "environment": dict(os.environ),
        "places": sys.path,
        "warnings": sys.warnoptions,
        "interpreter": [sys.executable, sys.prefix],
        "directory": os.getcwd(),
        "greeting": greeting.TEXT,
    }
    os.makedirs(os.environ["NOTES"], exist_ok=True)
    with open(os.path.join(os.environ["NOTES"], name + ".json"), "w") as file:
        json.dump(found, file)


app = Flask(__name__)
if "gunicorn.app.base" in sys.modules:
    note("canary" if "FLASKWRIGHT_CANARY" in os.environ else "service")


@app.get("/")
def index() -> Response:
    """Lead to where one logs in, as most apps do."""
    return redirect("/login?next=/")


@app.get("/login")
def login() -> tuple[str, int]:
    """Ask who it is."""
    return "<h1>Who are you?</h1><p>Nobody knows</p>", LOGIN


if __name__ == "__main__":
    note(sys.argv[1])
