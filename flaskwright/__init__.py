"""Flaskwright: puts a Flask app on a machine of your own, one Fabric task per guide step.

The public words that tasks and guides are written with.
"""

from . import commits, console, inventory, overview, trust, unreachable
from .connection import Connection
from .errors import FlaskwrightError, StepFailed, Unreachable, UsageError
from .guide import Guide, Heading, guide_of, register
from .inventory import App, Host
from .makers import made_by
from .resources import (
    Absent,
    Answer,
    AppStatus,
    DaemonReload,
    Directory,
    File,
    Line,
    Link,
    Nginx,
    NginxReload,
    NginxTest,
    PackageLists,
    Packages,
    Port,
    Release,
    Repository,
    Requirements,
    Resource,
    Resources,
    Restart,
    Serving,
    TryApp,
    Unit,
    UnitStatus,
    User,
    Venv,
)
from .steps import local, operation, question, step
from .templates import release_file, template_file

__all__ = [
    "Absent",
    "Answer",
    "App",
    "AppStatus",
    "Connection",
    "DaemonReload",
    "Directory",
    "File",
    "FlaskwrightError",
    "Guide",
    "Heading",
    "Host",
    "Line",
    "Link",
    "Nginx",
    "NginxReload",
    "NginxTest",
    "PackageLists",
    "Packages",
    "Port",
    "Release",
    "Repository",
    "Requirements",
    "Resource",
    "Resources",
    "Restart",
    "Serving",
    "StepFailed",
    "TryApp",
    "Unit",
    "UnitStatus",
    "Unreachable",
    "UsageError",
    "User",
    "Venv",
    "commits",
    "console",
    "guide_of",
    "inventory",
    "local",
    "made_by",
    "operation",
    "overview",
    "question",
    "register",
    "release_file",
    "step",
    "template_file",
    "trust",
    "unreachable",
]
