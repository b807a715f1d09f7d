"""A guestbook: visitors leave a line, the newest stands first. One file, one table."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, render_template, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

DATABASE = os.environ.get("DATABASE", "guestbook.db")
LONGEST_NAME, LONGEST_MESSAGE, SHOWN = 40, 500, 100
TABLE = """
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    written TEXT NOT NULL
)
"""

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 16 * 1024
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


@app.get("/")
def index() -> str:
    """Show the form and the newest entries."""
    return page({}, "")


@app.post("/")
def sign() -> str | tuple[str, int] | Response:
    """Write an entry; what cannot be taken is given back with the reason."""
    if not from_here():
        abort(403, "The form was sent from another site.")
    name = request.form.get("name", "").strip()
    message = request.form.get("message", "").strip()
    complaint = what_is_wrong(name, message)
    if complaint:
        return page({"name": name, "message": message}, complaint), 422
    with database() as db:
        written = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
        db.execute(
            "INSERT INTO entry (name, message, written) VALUES (?, ?, ?)", (name, message, written)
        )
    return redirect(url_for("index"), 303)


@app.get("/health")
def health() -> dict[str, int]:
    """Say how many entries there are: the app runs and its database can be written."""
    with database() as db:
        db.execute("BEGIN IMMEDIATE")
        return {"entries": db.execute("SELECT count(*) FROM entry").fetchone()[0]}


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """Open the database, with its table; committed at the end, rolled back on an error."""
    with closing(sqlite3.connect(DATABASE, timeout=10)) as db, db:
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous = EXTRA")  # after a power cut too, what was taken is there
        db.execute(TABLE)
        yield db


def page(draft: dict[str, str], complaint: str) -> str:
    """Return the page, with what somebody wrote so far and what is wrong with it."""
    with database() as db:
        entries = db.execute("SELECT * FROM entry ORDER BY id DESC LIMIT ?", (SHOWN,)).fetchall()
    return render_template(
        "index.html",
        entries=entries,
        draft=draft,
        complaint=complaint,
        longest_name=LONGEST_NAME,
        longest_message=LONGEST_MESSAGE,
    )


def what_is_wrong(name: str, message: str) -> str:
    """Return a sentence for the visitor, or nothing."""
    if not name or not message:
        return "Please write your name and a message."
    if len(name) > LONGEST_NAME or len(message) > LONGEST_MESSAGE:
        return f"Please stay below {LONGEST_NAME} and {LONGEST_MESSAGE} characters."
    return ""


def from_here() -> bool:
    """Tell whether a form was sent from a page of ours; browsers say so in every POST.

    A proxy may listen on another port than it tells us, so ports do not count.
    """
    origin = request.headers.get("Origin") or request.headers.get("Referer", "")
    return urlsplit(origin).hostname == urlsplit(f"//{request.host}").hostname


if __name__ == "__main__":
    app.run()
