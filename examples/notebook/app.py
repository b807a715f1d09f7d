"""A notebook: lines in a MySQL table, whose user, password and host come from the keyring."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import keyring
import pymysql
from flask import Flask, redirect, request, url_for
from markupsafe import escape
from pymysql.cursors import Cursor
from werkzeug.wrappers import Response

SOCKET = "/run/mysqld/mysqld.sock"
DATABASE = "notebook"
LONGEST, SHOWN = 500, 100

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 16 * 1024


@app.get("/")
def index() -> str:
    """Show a form and the newest lines."""
    with cursor() as rows:
        rows.execute("SELECT line FROM note ORDER BY id DESC LIMIT %s", (SHOWN,))
        items = "".join(f"<li>{escape(line)}</li>" for (line,) in rows.fetchall())
    form = '<form method="post"><input name="line" required maxlength="500"><button>Add</button>'
    return f"<!doctype html><title>Notebook</title><h1>Notebook</h1>{form}</form><ul>{items}</ul>"


@app.post("/")
def add() -> tuple[str, int] | Response:
    """Write a line."""
    line = request.form.get("line", "").strip()
    if not 0 < len(line) <= LONGEST:
        return f"Please write a line of at most {LONGEST} characters.", 422
    with cursor() as rows:
        rows.execute("INSERT INTO note (line) VALUES (%s)", (line,))
    return redirect(url_for("index"), 303)


@app.get("/health")
def health() -> dict[str, int | str]:
    """Say how many lines there are, and which way the database was reached."""
    with cursor() as rows:
        rows.execute("SELECT count(*) FROM note")
        (lines,) = rows.fetchone() or (0,)
        return {"lines": lines, "over": rows.connection.get_host_info()}


@contextmanager
def cursor() -> Iterator[Cursor]:
    """Connect; committed at the end, rolled back on an error."""
    host = keyring.get_password("MYSQL_AUTH", "host")
    with closing(
        pymysql.connect(
            user=keyring.get_password("MYSQL_AUTH", "user"),
            password=keyring.get_password("MYSQL_AUTH", "password"),
            host=host,
            unix_socket=SOCKET if host == "localhost" else None,
            database=DATABASE,
            charset="utf8mb4",
        )
    ) as connection:
        with connection.cursor() as rows:
            yield rows
        connection.commit()


if __name__ == "__main__":
    app.run()
