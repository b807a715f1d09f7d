"""States that a host should be in, and acts on it; a handler in the agent for each kind."""

from collections.abc import Iterator

from .acts import (
    Act,
    AppStatus,
    DaemonReload,
    DeployKey,
    NginxReload,
    NginxTest,
    PackageLists,
    Restart,
    TryApp,
    UnitStatus,
)
from .base import Planned, Resource
from .files import Absent, Directory, File, Line, Link
from .release import Release, ReleaseFile, Repository, Requirements, Serving, Venv
from .site import Answer, Nginx
from .system import AppName, Packages, Port, Unit, User
from .tls import (
    Certificate,
    CertificateStatus,
    Challenge,
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
    "AppName",
    "AppStatus",
    "Certificate",
    "CertificateStatus",
    "Challenge",
    "DaemonReload",
    "DeployKey",
    "Directory",
    "File",
    "Fitted",
    "LeadsHere",
    "Line",
    "Link",
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
