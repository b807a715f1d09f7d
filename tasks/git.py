"""git: the app's repository on the host."""

from flaskwright import Directory, Host, Packages, Repository, Resources, commits, step


@step
def install(host: Host) -> Resources:
    """Install git (apt-get install git)."""
    yield Packages(("git",))


@step
def clone(host: Host) -> Resources:
    """Clone the app's repository outside of any web root, at the commit of `ref` (git clone)."""
    app = host.declared_app
    yield from install.resources(host)
    yield Directory(app.root)
    yield Repository(
        f"{app.root}/repo.git",
        url=None if app.local else app.repo,
        ref=app.ref,
        commit=commits.resolve(app.local, app.ref) if app.local else None,
    )
