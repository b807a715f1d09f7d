"""States that a host should be in, and acts on it; a handler in the agent for each kind."""

from collections.abc import Iterator

from .acts import (
    Act,
    AppCommand,
    AppStatus,
    DaemonReload,
    DeployKey,
    Earlier,
    Logs,
    NginxReload,
    NginxTest,
    PackageLists,
    ReleaseList,
    Reload,
    Restart,
    TryApp,
    UnitStatus,
)
from .base import Planned, Resource
from .files import Absent, Directory, File, Line, Link
from .release import Kept, Release, ReleaseFile, Repository, Requirements, Serving, Venv
from .site import Answer, Nginx
from .system import AppName, Packages, Port, Unit, User
from .tls import (
    Certificate,
    CertificateStatus,
    Fitted,
    LeadsHere,
    NobodysCertificate,
    Renewal,
    TrustBundle,
)

Resources = Iterator[Resource | Planned]

__all__ = [
    "Absent",
    "Act",
    "Answer",
    "AppCommand",
    "AppName",
    "AppStatus",
    "Certificate",
    "CertificateStatus",
    "DaemonReload",
    "DeployKey",
    "Directory",
    "Earlier",
    "File",
    "Fitted",
    "Kept",
    "LeadsHere",
    "Line",
    "Link",
    "Logs",
    "Nginx",
    "NginxReload",
    "NginxTest",
    "NobodysCertificate",
    "PackageLists",
    "Packages",
    "Planned",
    "Port",
    "Release",
    "ReleaseFile",
    "ReleaseList",
    "Reload",
    "Renewal",
    "Repository",
    "Requirements",
    "Resource",
    "Resources",
    "Restart",
    "Serving",
    "TrustBundle",
    "TryApp",
    "Unit",
    "UnitStatus",
    "User",
    "Venv",
]
