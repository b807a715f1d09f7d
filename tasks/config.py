"""config: the hosts.toml that is read, and whether it is trusted with this machine."""

from invoke import Context

from flaskwright import confirm, local
from flaskwright.config.hosts_toml import opened
from flaskwright.report import console


@local(help={"yes": "Trust it without a question."}, dry_refused=True)
def trust(c: Context, yes: bool = False) -> None:
    """Show what hosts.toml would run and read on this machine, and trust it with that."""
    file, _ = opened()
    if file.trusted:
        how = "you have said so" if file.found else "it is the project's own, or you have named it"
        console.say(f"{file.path} is trusted: {how}")
        return
    console.tell(f"{file.path} was found on the way; on this machine")
    for act in file.acts:
        console.tell(f"  {act}  ({act.key})")
    if not file.acts:
        console.tell("  runs and reads nothing; your keyring stays shut until it is trusted")
    if not file.trouble:
        confirm("Trust it with that?", yes)
    file.trust()
    console.say(f"{file.path} is trusted, until one of these keys says something else")
