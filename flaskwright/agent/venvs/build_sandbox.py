"""What a build may do and see: properties of its unit (systemd.exec)."""

from __future__ import annotations

from ..common.place import APPS, CACHE, STATE

# Of the host a build sees what every user sees, without other apps, other users' processes, and
# programs to talk to; it may write what it builds, its home, and memory of its own.
PROPERTIES = (
    "KillSignal=SIGKILL",
    "TasksMax=1024",
    "UMask=0022",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "TemporaryFileSystem=%s:ro" % APPS,
    "TemporaryFileSystem=/run/lock:ro",
    "TemporaryFileSystem=/run/systemd:ro",
    "BindReadOnlyPaths=/run/systemd/journal -/run/systemd/resolve",
    "TemporaryFileSystem=%s:ro" % CACHE,
    "TemporaryFileSystem=/dev/shm:mode=1777,size=25%,nr_inodes=64k",
    "InaccessiblePaths=-%s -/var/lib/letsencrypt -/run/dbus -/run/ssh-unix-local" % STATE,
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "PrivateIPC=yes",
    "PrivateUsers=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectProc=invisible",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "KeyringMode=private",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallErrorNumber=EPERM",
)
