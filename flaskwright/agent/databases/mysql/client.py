"""The database server asked by its own client, as root over the socket; statements go on stdin.

On Debian it is MariaDB, on Ubuntu MySQL: what they share is called MySQL here.
"""

from __future__ import annotations

import re
import shutil

from ...engine.command import PATH
from ...engine.errors import Failed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.output import Output
    from ...engine.run import Run


SERVERS = ("mariadbd", "mysqld")
CLIENTS, DUMPERS = ("mariadb", "mysql"), ("mariadb-dump", "mysqldump")
SOCKET = "/run/mysqld/mysqld.sock"  # of both, in both distributions
OPTIONS = ("--batch", "--skip-column-names", "--default-character-set=utf8mb4")
UPRIGHT = "SET SESSION sql_mode = '';\n"  # in which a backslash escapes and " is a quote
NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
_ERROR = re.compile(r"^ERROR (\d+) \((\w+)\)", re.MULTILINE)
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\0": "\\0", "\n": "\\n", "\r": "\\r", "\x1a": "\\Z"}
NO_LOGIN = ("1045", "1698")  # ER_ACCESS_DENIED_ERROR, and MariaDB's without a password


def program(names: tuple[str, ...]) -> str:
    """Give the path of the first of these programs that is here; empty: none is."""
    found = (shutil.which(name, path=PATH) for name in names)
    return next(filter(None, found), None) or ""


def rows(run: Run, statements: str) -> list[list[str]]:
    """Give what statements select, row by row; raises Failed.

    Within a value the client writes tab and newline as escapes, other control characters as such.
    """
    output = execute(run, statements)
    return [line.split("\t") for line in output.out.split("\n") if line]


def execute(run: Run, statements: str) -> Output:
    """Run statements as root; raises Failed, with the error's number but not what was said.

    The server repeats parts of a statement in its errors, which may hold a password.
    """
    argv = [program(CLIENTS) or CLIENTS[1], *OPTIONS]
    output = run.command(argv, check=False, input=(UPRIGHT + statements).encode("utf-8"))
    if output.status:
        raise failed(output)
    return output


def failed(output: Output) -> Failed:
    """Make a Failed of what a MySQL client printed: its error's number, how to let root in."""
    found = _ERROR.search(output.err)
    if found and found.group(1) in NO_LOGIN:
        advice = "let root in over the socket, or put its password into /root/.my.cnf on the host"
        return Failed("MySQL does not let root in", "it wants a password of root", next=advice)
    if found:
        return Failed("MySQL refused", "error %s (%s)" % found.groups())
    return Failed("MySQL could not be asked", "%s ended with %d" % (output.name, output.status))


def identifier(name: str) -> str:
    """Quote the name of a database; Failed for one that is none."""
    if not NAME.fullmatch(name):
        raise Failed("%r is no name for a database" % name)
    return "`%s`" % name


def pattern(name: str) -> str:
    """Quote a database's name for GRANT, where `_` stands for any character."""
    return identifier(name).replace("_", "\\_")


def literal(text: str) -> str:
    """Give text as an SQL literal, in single quotes."""
    return "'%s'" % "".join(_ESCAPES.get(character, character) for character in text)


def account(user: str, host: str) -> str:
    """Give 'user'@'host', quoted as information_schema writes it too."""
    return "%s@%s" % (literal(user), literal(host))


def option_file(user: str, password: str) -> bytes:
    """Give the text of an option file, which a client reads in the place of its arguments."""
    quoted = password.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    lines = ("[client]", 'user="%s"' % user, 'password="%s"' % quoted, "socket=" + SOCKET)
    return "\n".join([*lines, "default-character-set=utf8mb4", ""]).encode("utf-8")
