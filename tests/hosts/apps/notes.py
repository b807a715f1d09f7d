"""An app with one table, whose schema a program beside it changes (see test_migrate.py)."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

from flask import Flask

app = Flask(__name__)


@app.get("/health")
def health() -> str:
    """Say which schema is there."""
    with closing(sqlite3.connect(os.environ["DATABASE"])) as db:
        return " ".join(row[1] for row in db.execute("PRAGMA table_info(note)"))


@app.get("/add/<text>")
def add(text: str) -> str:
    """Add a row."""
    with closing(sqlite3.connect(os.environ["DATABASE"], timeout=10)) as db, db:
        db.execute("INSERT INTO note (text) VALUES (?)", (text,))
    return "added"


@app.get("/")
def index() -> str:
    """Give all rows."""
    with closing(sqlite3.connect(os.environ["DATABASE"])) as db:
        return " ".join(row[0] for row in db.execute("SELECT text FROM note"))
