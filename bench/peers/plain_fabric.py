"""The guide's commands for a new commit as a Fabric script, as people write it."""

from fabric import Connection, task

ROOT = "/srv/by-fabric"


@task
def deploy(c: Connection) -> None:
    """Pull, install, restart."""
    c.run(f"git -C {ROOT}/code pull")
    c.run(f"{ROOT}/venv/bin/pip install -r {ROOT}/code/requirements.txt")
    c.sudo("systemctl restart by-fabric")
