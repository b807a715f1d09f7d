"""Certificates: what it takes to get one, the certificate itself, its renewal."""

from typing import ClassVar

from .base import Act, AtPath, Resource, resource


@resource
class _OfCertificate(Resource):
    """What is about the certificate for all names of the site, from the ACME `server`."""

    server: str
    webroot: str


@resource
class LeadsHere(_OfCertificate):
    """Every A and AAAA record of every name leads to this host's nginx, which answers there.

    It is not looked at while the certificate is there as it should be. seen: the addresses at which
    whoever deploys reaches the host.
    """

    kind: ClassVar[str] = "leads-here"
    seen: tuple[str, ...] = ()


@resource
class Certificate(_OfCertificate):
    """A certificate obtained by certbot; `ca` is a file on the host that tells the server.

    profile: what the authority calls a kind of certificate; empty for its usual one. key_type:
    `ecdsa`, or `rsa`, without which there is no DHE.
    """

    kind: ClassVar[str] = "certificate"
    email: str | None
    ca: str
    profile: str = ""
    key_type: str = "ecdsa"


@resource
class TrustBundle(AtPath):
    """What the system trusts, and each file in `directory`, in one file."""

    kind: ClassVar[str] = "trust-bundle"
    directory: str


@resource
class DhGroup(AtPath):
    """A Diffie-Hellman group, `ffdhe2048` or one that the operator's machine has made."""

    kind: ClassVar[str] = "dh-group"
    needs: ClassVar[tuple[str, ...]] = ("dh-group",)
    group: str


@resource
class Proof(Resource):
    """The renewal of the certificate has passed a rehearsal once, and its hook reloads nginx."""

    kind: ClassVar[str] = "proof"
    rank: ClassVar[int] = 5  # it is no part of the transaction
    certificate: Certificate


@resource
class _OnCertificate(Act):
    """An act on the certificate of the site."""

    certificate: Certificate


@resource
class Issue(_OnCertificate):
    """All looks, a rehearsal, and the order of a certificate; in a dry run without the order.

    seen: as LeadsHere has it.
    """

    kind: ClassVar[str] = "issue"
    force: bool
    seen: tuple[str, ...] = ()


@resource
class Renewal(_OnCertificate):
    """`certbot renew`; in a dry run its rehearsal."""

    kind: ClassVar[str] = "renewal"
    force: bool


@resource
class Prove(_OnCertificate):
    """The renewal rehearsed, its hook run; with `force` one renewal for real."""

    kind: ClassVar[str] = "prove"
    force: bool


@resource
class CertificateStatus(_OnCertificate):
    """The certificate that port 443 serves, and what will renew it."""

    kind: ClassVar[str] = "certificate-status"


@resource
class Revocation(_OnCertificate):
    """The certificate revoked for a reason, replaced first where a site shows it."""

    kind: ClassVar[str] = "revocation"
    reason: str


@resource
class CertificateDeletion(Act):
    """A certificate that no site shows, gone from the host with its key."""

    kind: ClassVar[str] = "certificate-deletion"
    domain: str

    @property
    def name(self) -> str:
        """The domain."""
        return self.domain
