"""The system's own ssh, for what needs the operator's terminal: the same way, the same trust."""

from __future__ import annotations

import shlex

from msgspec.structs import replace

from gonogo.run.ports import Ended, Exit, Stream

from .options import Settings
from .route import Route, hop

CONNECTION_LOST = 255
"""ssh's exit code when the connection breaks or never comes about."""


class Heard:
    """A sink for one short command of our own on one host."""

    def __init__(self) -> None:
        self.out = self.err = b""
        self.end = Exit(Ended.LOST)

    async def starting(self, host: str) -> None:
        """Let it start: the record of what it is for is on disk."""

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Keep what it prints."""
        if stream is Stream.OUT:
            self.out += data
        else:
            self.err += data

    def exited(self, host: str, end: Exit) -> None:
        """Keep how it ended."""
        self.end = end


def ssh_words(way: Route, settings: Settings, *more: str) -> tuple[str, ...]:
    """Return ssh's argument vector up to the host's name; host keys are always checked."""
    words = ["ssh", *more, "-o", "StrictHostKeyChecking=yes"]
    if settings.config is not None:
        words += ["-F", str(settings.config[0]) if settings.config else "/dev/null"]
    files = way.known_hosts
    if files is None and settings.known_hosts is not None:
        files = tuple(map(str, settings.known_hosts))
    if files is not None:
        named = " ".join(f'"{file}"' for file in files) or "none"
        words += ["-o", f"UserKnownHostsFile={named}", "-o", "GlobalKnownHostsFile=none"]
    for key in way.keys:
        words += ["-i", key]
    if not settings.agent:
        words += ["-o", "IdentityAgent=none"]
    if way.port is not None:
        words += ["-p", str(way.port)]
    if way.user is not None:
        words += ["-l", way.user]
    if way.jump is not None:
        words += ["-o", f"ProxyCommand={_through(way.jump, settings)}"]
    return (*words, "--", way.host)


def _through(hops: str, settings: Settings) -> str:
    """Return the command that leads through jump hosts: `ssh -J` would take none of our options for them."""
    before, _, last = hops.rpartition(",")
    if last.lower() == "none":
        return "none"
    keys = tuple(str(path) for path in settings.client_keys or ())
    words = ssh_words(replace(hop(last), keys=keys, jump=before or None), settings)
    # ssh reads % as the beginning of the target's host and port, in every word.
    program, *rest = (shlex.quote(word.replace("%", "%%")) for word in words)
    return " ".join([program, "-W", "'[%h]:%p'", *rest])
