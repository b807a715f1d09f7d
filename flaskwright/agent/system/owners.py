"""Owners of files, by name."""

from __future__ import annotations

import grp
import os
import pwd

from ..engine.errors import Failed
from .paths import open_directory


def uid(owner: str | int | None) -> int:
    """Give the number of a user; -1, which leaves things as they are, for None."""
    if owner is None or isinstance(owner, int):
        return -1 if owner is None else owner
    try:
        return pwd.getpwnam(owner).pw_uid
    except KeyError:
        raise Failed("there is no user %s on this host" % owner) from None


def gid(group: str | int | None) -> int:
    """Give the number of a group; -1 for None."""
    if group is None or isinstance(group, int):
        return -1 if group is None else group
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise Failed("there is no group %s on this host" % group) from None


def user_name(number: int) -> str:
    """Give the name of a user, or the number where it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def group_name(number: int) -> str:
    """Give the name of a group, or the number where it has none."""
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def chown_tree(path: str, owner: str | int, group: str | int) -> None:
    """Give a directory and all below to `owner` and `group`; of links the links themselves."""
    user, members = uid(owner), gid(group)
    with open_directory(path) as top:
        for _, names, files, directory in os.fwalk(".", dir_fd=top):
            for name in names + files:
                os.chown(name, user, members, dir_fd=directory, follow_symlinks=False)
        os.fchown(top, user, members)


def users_of_app(app: str) -> set[int]:
    """Give whose processes may be about an app: root's, its own user's, and ours in a test."""
    try:
        return {0, os.geteuid(), pwd.getpwnam(app).pw_uid}
    except KeyError:
        return {0, os.geteuid()}
