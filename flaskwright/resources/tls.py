"""Certificates: what it takes to get one, the certificate itself, its renewal."""

from dataclasses import dataclass, field
from typing import ClassVar

from .acts import Act
from .base import AtPath, Resource
from .files import File


@dataclass(frozen=True)
class Fitted(File):
    """A file of nginx's configuration, with a content for each version that makes a difference.

    The operator's side renders, but only the host knows which nginx it has: it gets them all, and
    takes the one for the newest version that it has reached.
    """

    kind: ClassVar[str] = "fitted"
    contents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _OfCertificate(Resource):
    """What is about the certificate of `domain`, with all its `names`, from the ACME `server`."""

    domain: str
    names: tuple[str, ...]
    server: str
    webroot: str

    @property
    def name(self) -> str:
        """The domain."""
        return self.domain


@dataclass(frozen=True)
class LeadsHere(_OfCertificate):
    """Every A and AAAA record of every name leads to this host's nginx, which answers there.

    It is not looked at while the certificate is there as it should be.
    """

    kind: ClassVar[str] = "leads-here"


@dataclass(frozen=True)
class Certificate(_OfCertificate):
    """A certificate obtained by certbot; `ca` is a file on the host that tells the server."""

    kind: ClassVar[str] = "certificate"
    email: str | None
    ca: str


@dataclass(frozen=True)
class TrustBundle(AtPath):
    """What the system trusts, and each file in `directory`, in one file."""

    kind: ClassVar[str] = "trust-bundle"
    directory: str


@dataclass(frozen=True)
class NobodysCertificate(AtPath):
    """A self-signed certificate, where nginx cannot refuse a handshake without one."""

    kind: ClassVar[str] = "nobodys-certificate"


@dataclass(frozen=True)
class Renewal(Act):
    """`certbot renew`; in a dry run its rehearsal, where Let's Encrypt has it if none is given."""

    kind: ClassVar[str] = "renewal"
    certificate: Certificate
    rehearse_at: str
    force: bool

    @property
    def name(self) -> str:
        """The domain."""
        return self.certificate.domain


@dataclass(frozen=True)
class CertificateStatus(Act):
    """The certificate that port 443 serves, and what will renew it."""

    kind: ClassVar[str] = "certificate-status"
    domain: str

    @property
    def name(self) -> str:
        """The domain."""
        return self.domain
