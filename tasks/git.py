"""git: the app's repository on the host."""

from flaskwright import (
    Host,
    Resources,
    operation,
    step,
)
from flaskwright.resources.git import DeployKey, Repository
from flaskwright.resources.system import Directory, Packages
from flaskwright.workstation import commits, git_server


@step
def install(host: Host) -> Resources:
    """Install git (apt-get install git)."""
    yield Packages(("git",))
    server = git_server.server_of(host.declared_app.repo)
    if server and server.scheme == "ssh":
        yield Packages(("openssh-client",))


@step
def clone(host: Host) -> Resources:
    """Clone the app's repository outside of any web root, at the commit of `ref` (git clone)."""
    app = host.declared_app
    local = commits.checkout(app)
    yield from install.resources(host)
    yield Directory(app.place.root)
    yield Repository(
        url=None if local else app.repo,
        ref=app.ref,
        commit=commits.resolve(local, app.ref) if local else None,
    )


@operation()
def deploy_key(host: Host) -> Resources:
    """Make a key for a private repository on the host, once, and show its public half."""
    yield Packages(("openssh-client",))
    yield DeployKey()
