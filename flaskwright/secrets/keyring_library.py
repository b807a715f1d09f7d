"""The keyring of this machine, by the library of that name; what goes wrong is explained."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Unreachable

_one_at_a_time = threading.Lock()  # lanes are threads, and a backend may talk to a desktop


def read(service: str, username: str, advice: str) -> str | None:
    """Return an entry, None when there is none; raises Unreachable, with `advice`."""
    with _explained(f"cannot read {username} of {service} from the keyring", advice):
        import keyring

        return keyring.get_password(service, username)


def write(service: str, username: str, value: str, advice: str) -> None:
    """Put an entry in its place; raises Unreachable, with `advice`."""
    with _explained(f"cannot write {username} of {service} to the keyring", advice):
        import keyring

        keyring.set_password(service, username, value)


def remove(service: str, username: str, advice: str) -> bool:
    """Remove an entry; False when there was none. Raises Unreachable, with `advice`."""
    if read(service, username, advice) is None:
        return False
    with _explained(f"cannot remove {username} of {service} from the keyring", advice):
        import keyring

        keyring.delete_password(service, username)
    return True


@contextmanager
def _explained(what: str, advice: str) -> Iterator[None]:
    """Say what a backend's exception means; no value is in any message of ours."""
    from keyring.errors import KeyringError, NoKeyringError

    try:
        with _one_at_a_time:
            yield
            return
    except NoKeyringError:
        reason = "This machine has no keyring that works without a desktop."
    except KeyringError as error:
        reason = f"The keyring does not open: {error}."
    except (ImportError, AttributeError) as error:
        reason = f"PYTHON_KEYRING_BACKEND does not name a backend: {error}."
    except Exception as error:  # a backend is somebody's plug-in
        reason = f"The keyring is broken: {type(error).__name__}: {error}."
    raise Unreachable(what, why=reason, next=advice)
