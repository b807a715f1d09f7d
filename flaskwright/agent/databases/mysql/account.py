"""The app's database, and a user who may do anything in it and nothing else."""

from __future__ import annotations

import hashlib
import json
import os

from ...engine.errors import Failed, NotYet
from ...engine.handler import Handler, handles
from ...system import disk
from .client import (
    CLIENTS,
    OPTIONS,
    account,
    execute,
    identifier,
    literal,
    option_file,
    pattern,
    program,
    rows,
)
from .server import is_running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...engine.handler import State
    from ...engine.run import Run


HOSTS = ("localhost", "127.0.0.1")  # the second, where the server resolves no names
NATIVE = "mysql_native_password"
RIGHTS = (
    *("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER"),
    *("CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "CREATE VIEW", "SHOW VIEW"),
    *("CREATE ROUTINE", "ALTER ROUTINE", "TRIGGER"),
)
NOTE = "mysql.json"  # below our state: what was made by us
QUESTIONS = """
SELECT 'database', schema_name FROM information_schema.schemata WHERE schema_name = {database};
SELECT 'server', version();
{held}
SELECT 'right', grantee, '*', privilege_type FROM information_schema.user_privileges
  WHERE privilege_type <> 'USAGE' AND grantee IN ({accounts});
SELECT 'right', grantee, table_schema, privilege_type FROM information_schema.schema_privileges
  WHERE grantee IN ({accounts});
SELECT 'right', grantee, concat(table_schema, '.', table_name), privilege_type
  FROM information_schema.table_privileges WHERE grantee IN ({accounts});
"""


# The last column, of MariaDB alone: a second password that the account takes.
HELD = (
    "SELECT 'account', host, plugin, authentication_string /*M! , ("
    "SELECT json_length(priv, '$.auth_or') > 1 FROM mysql.global_priv AS held "
    "WHERE held.user = users.user AND held.host = users.host) */ "
    "FROM mysql.user AS users WHERE user = {user};"
)


@handles("mysql-account")
class MysqlAccount(Handler):
    """Made by root; its password is the operator's, who is asked for it."""

    keys = ("database", "rights", "password")
    database: str
    user: str

    def __init__(self, fields: State, run: Run) -> None:
        super().__init__(fields, run)
        self.accounts = {host: account(self.user, host) for host in HOSTS}
        self.place = os.path.join(run.place.state, NOTE)
        self._asked: str | None = None
        self._is_mariadb = False
        self._before: dict[str, str] = {}

    def wanted(self) -> State:
        """Give database, password, and exactly these rights: further ones are taken away."""
        return {"database": True, "rights": self._rights(), "password": True}

    def actual(self) -> State:
        """Ask the server, in one go; raises Failed for a user who is somebody else's."""
        if not is_running():
            raise self._not_running()
        found = rows(self.run, self._questions())
        told = {kind: [row[1:] for row in found if row[0] == kind] for kind, *_ in found}
        self._is_mariadb = "MariaDB" in told["server"][0][0]
        here = [row for row in told.get("account", []) if row[0] in HOSTS]
        rights = sorted(map(tuple, told.get("right", [])))
        has_password = len(here) == len(HOSTS) and all(map(self._has_password, here))
        self._before = {row[0]: row[2] for row in here if row[1] == NATIVE and row[2]}
        self.run.about.both_passwords = has_both(here)
        if here and not self._is_ours():
            self._must_be_the_app_s(all(map(self._has_password, here)), rights)
        return {"database": "database" in told, "rights": rights, "password": has_password}

    def fix(self, differing: list[str]) -> None:
        """Note that the account is ours, then make database, rights, password; raises Failed."""
        note = {"database": self.database, "user": self.user}
        disk.write(self.place, json.dumps(note).encode("ascii"), mode=0o600)
        database = identifier(self.database)
        todo = ["CREATE DATABASE IF NOT EXISTS %s CHARACTER SET utf8mb4" % database]
        for host, one in self.accounts.items():
            if "password" in differing:
                todo += ["CREATE USER IF NOT EXISTS " + one, self._identified(one, host)]
            if "rights" in differing:
                todo.append("REVOKE ALL PRIVILEGES, GRANT OPTION FROM " + one)
                listed = ", ".join(RIGHTS)
                todo.append("GRANT %s ON %s.* TO %s" % (listed, pattern(self.database), one))
        execute(self.run, ";\n".join([*todo, ""]))

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say which of database, account and rights would be made; never a password."""
        words = {
            "database": "make the database %s" % self.database,
            "rights": "let the user %s do anything in it, and nothing else" % self.user,
            "password": "give the user %s the keyring's password" % self.user,
        }
        return [words[key] for key in differing]

    def _not_running(self) -> Exception:
        if self.run.checking:
            return NotYet("the MySQL server runs")
        return Failed("the MySQL server does not run", next="./fab mysql.install starts it")

    def _questions(self) -> str:
        return QUESTIONS.format(
            database=literal(self.database),
            held=HELD.format(user=literal(self.user)),
            accounts=", ".join(map(literal, self.accounts.values())),
        )

    def _rights(self) -> list[tuple[str, ...]]:
        place = pattern(self.database).strip("`").replace("\\", "\\\\")  # as --batch writes it
        return sorted((one, place, right) for one in self.accounts.values() for right in RIGHTS)

    def _password(self) -> str:
        """Ask the operator; in a dry run there may be none yet."""
        if self._asked is None:
            asked = self.run.want("mysql-password", {"user": self.user})
            self._asked = asked.decode("utf-8")
        if not self._asked and not self.run.checking:
            raise Failed("there is no password for the MySQL user %s" % self.user)
        return self._asked

    def _has_password(self, row: list[str]) -> bool:
        """Tell whether the account has the operator's; what cannot be computed is tried."""
        _, plugin, kept, *_ = row
        password = self._password()
        if plugin == NATIVE or not password:
            return kept == native(password)
        return logs_in(self.run, self.user, password)

    def _identified(self, one: str, host: str) -> str:
        """Give the statement that sets the password; to MariaDB only its hash goes.

        The one from before is taken too, until the release that has it has gone.
        """
        password, before = self._password(), self._before.get(host)
        if self._is_mariadb:
            return identified(one, *filter(None, (native(password), before)))
        return "ALTER USER %s IDENTIFIED BY %s" % (one, literal(password))

    def _is_ours(self) -> bool:
        data = disk.read(self.place)
        note = json.loads(data.decode("ascii")) if data else {}
        return bool(note.get("user") == self.user and note.get("database") == self.database)

    def _must_be_the_app_s(self, knows: bool, rights: list[tuple[str, ...]]) -> None:
        what = "the MySQL user %s exists and was not made by Flaskwright" % self.user
        advice = "another `mysql.user` in hosts.toml"
        if not knows:
            why = "it has another password than the keyring"
            raise Failed(what, why, next="put its password into the keyring, or " + advice)
        if not set(rights) <= set(self._rights()):
            raise Failed(what, "it has rights beyond the database " + self.database, next=advice)


@handles("mysql-settled")
class MysqlSettled(Handler):
    """The account takes one password again, once the release that had another has gone."""

    keys = ("passwords",)
    detached = after_commit = True
    user: str

    def wanted(self) -> State:
        """Give {"passwords": 1}: the one from before the rotation is taken no longer."""
        return {"passwords": 1}

    def actual(self) -> State:
        """Ask the server, where it is known that there may be two."""
        both = self.run.about.both_passwords and has_both(self._held())
        return {"passwords": 2 if both else 1}

    def fix(self, differing: list[str]) -> None:
        """Discard the second password of each account: MySQL keeps the newer one first."""
        todo = [identified(account(self.user, row[0]), row[2]) for row in self._held()]
        execute(self.run, ";\n".join([*todo, ""]))

    def diff(self, actual: State, differing: list[str]) -> list[str]:
        """Say that the password from before is taken no longer."""
        return ["take the password from before no longer"]

    def _held(self) -> list[list[str]]:
        found = [row[1:] for row in rows(self.run, HELD.format(user=literal(self.user)))]
        return [row for row in found if row[0] in HOSTS and row[1] == NATIVE]


def has_both(held: list[list[str]]) -> bool:
    """Tell whether an account takes a second password."""
    return any(row[3:] == ["1"] for row in held)


def identified(one: str, *hashes: str) -> str:
    """Give MariaDB's statement by which an account takes passwords with these hashes."""
    ways = " OR ".join("%s USING %s" % (NATIVE, literal(each)) for each in hashes)
    return "ALTER USER %s IDENTIFIED VIA %s" % (one, ways)


def native(password: str) -> str:
    """Give the hash that mysql_native_password keeps; empty for no password."""
    inner = hashlib.sha1(password.encode("utf-8")).digest()  # noqa: S324 - the server's choice
    return "*" + hashlib.sha1(inner).hexdigest().upper() if password else ""  # noqa: S324


def logs_in(run: Run, user: str, password: str) -> bool:
    """Tell whether the server lets a user in with a password, which no other process sees."""
    reading, writing = os.pipe()
    try:
        os.write(writing, option_file(user, password))
        os.close(writing)
        argv = [program(CLIENTS), "--defaults-file=/dev/fd/%d" % reading, *OPTIONS]
        given = b"SELECT 1;\n"
        output = run.command(argv, check=False, input=given, descriptors=(reading,))
    finally:
        os.close(reading)
    return output.status == 0
