"""What a login is made with: keys, algorithms and files to trust, from the inventory and ssh_config.

Reading keys and configuration takes about 2 ms a host. Hosts for which ssh_config says the same share what
was read for the first of them.
"""

from __future__ import annotations

import asyncio
import copy
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.pattern import WildcardPatternList
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs
from msgspec import Struct, field

from .route import Route
from .trust import KnownHosts, Trusted

_USER_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
_SYSTEM_FILES = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")
# AES-GCM first: a fifth less CPU a host than asyncssh's own first choice.
_CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)


class Settings(Struct, frozen=True):
    """What the executor was made with. `config`, `known_hosts` None: as ssh finds them. Times are seconds."""

    config: Sequence[Path] | None = None
    known_hosts: Sequence[Path] | None = None
    client_keys: Sequence[Path] | None = None
    agent: bool = True
    username: str | None = None
    connect_timeout: float = 10.0
    login_timeout: float = 30.0
    keepalive: float = 15.0
    """A frozen host is only seen by asking; after three unanswered questions the connection is lost."""


class _Own(asyncssh.SSHClientConnectionOptions):
    """What is one host's alone; a class of its own holds what is shared by those that are alike.

    A copy for each host would take 2 KB more.
    """

    def __init__(self) -> None:
        """Nothing is one host's alone yet."""

    @classmethod
    def sharing(cls, options: asyncssh.SSHClientConnectionOptions) -> type[_Own]:
        """Return the class whose instances have these options, until they are given others."""
        return type(cls.__name__, (cls,), vars(options))


class Plan(Struct, frozen=True):
    """How one host is logged in to, once: with which options, and trusting which known_hosts files."""

    options: asyncssh.SSHClientConnectionOptions
    files: tuple[str, ...]


class Plans(Struct):
    """Makes plans with the settings of one executor."""

    settings: Settings
    known: KnownHosts
    _rules: _Rules | None = None
    _made: dict[tuple[object, ...], type[_Own]] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, way: Route) -> Plan:
        """Return a host's plan. Files are read off the event loop, and once for all hosts that are alike."""
        shared = await self.shared(way)
        return self._plan(way, shared() if shared else await asyncio.to_thread(self._options, way))

    async def shared(self, way: Route) -> type[asyncssh.SSHClientConnectionOptions] | None:
        """Return what a host shares with those that ssh_config says the same of; None if nothing."""
        rules = (self._rules or await self._read()).matching(way.host)
        if rules is None:
            return None
        alike = (rules, way.user, way.port, way.keys)
        if alike not in self._made:
            async with self._lock:
                if alike not in self._made:
                    self._made[alike] = _Own.sharing(await asyncio.to_thread(self._options, way))
        return self._made[alike]

    async def _read(self) -> _Rules:
        async with self._lock:
            if self._rules is None:
                self._rules = await asyncio.to_thread(_Rules.read, self._config())
            return self._rules

    def _config(self) -> tuple[Path, ...]:
        if self.settings.config is not None:
            return tuple(self.settings.config)
        own = Path("~/.ssh/config").expanduser()
        return (own,) if own.is_file() else ()

    def _options(self, way: Route) -> asyncssh.SSHClientConnectionOptions:
        keys = way.keys or tuple(str(path) for path in self.settings.client_keys or ())
        given: dict[str, Any] = {"port": way.port, "username": way.user, "client_keys": list(keys)}
        options = asyncssh.SSHClientConnectionOptions(
            config=[str(path) for path in self._config()] or None,
            host=way.host,
            encryption_algs=_CIPHERS,
            connect_timeout=None,
            login_timeout=0,
            keepalive_interval=self.settings.keepalive,
            x509_trusted_certs=None,
            x509_trusted_cert_paths=[],
            **{name: value for name, value in given.items() if value},
            **({} if self.settings.agent else {"agent_path": None}),
        )
        options.agent_path = options.agent_path or None  # where there is none, asyncssh asks it each time
        return options

    def _plan(self, way: Route, options: asyncssh.SSHClientConnectionOptions) -> Plan:
        """Add to options what is this host's alone."""
        options.orig_host = way.host
        options.host = str(options.config.get("Hostname") or way.host)
        files = self._files(way, options)
        # A key pair keeps what it signs with: two logins must not choose for each other.
        if options.client_keys is not None:
            options.client_keys = [copy.copy(pair) for pair in options.client_keys]
        if not options.config.get("HostKeyAlgorithms"):
            known, _ = self.known.at_hand(files, options.host_key_alias or options.host, options.port)
            options.server_host_key_algs = _algorithms(known)
        return Plan(options, files)

    def _files(self, way: Route, options: asyncssh.SSHClientConnectionOptions) -> tuple[str, ...]:
        """Return the files to trust. `UserKnownHostsFile none` is an empty list: that trusts nobody."""
        if way.known_hosts is not None:
            return way.known_hosts
        if self.settings.known_hosts is not None:
            return tuple(str(path) for path in self.settings.known_hosts)
        user: Any = options.config.get("UserKnownHostsFile", _USER_FILES)
        system: Any = options.config.get("GlobalKnownHostsFile", _SYSTEM_FILES)
        return (*map(str, user), *map(str, system))


class _Rules(Struct, frozen=True):
    """The `Host` lines of ssh_config, to tell which hosts are alike."""

    hosts: tuple[WildcardPatternList, ...] | None
    """None: what it says depends on more than these."""

    @staticmethod
    def read(files: Sequence[Path]) -> _Rules:
        """Look for what depends on more than the patterns after `Host`."""
        found = []
        for file in files:
            try:
                text = file.read_text("utf-8", "replace")
            except OSError:
                return _Rules(None)
            for line in text.splitlines():
                word, _, rest = line.strip().replace("=", " ", 1).partition(" ")
                if word.lower() in ("match", "include", "canonicalizehostname") or "%" in line or '"' in line:
                    return _Rules(None)
                if word.lower() == "host":
                    found.append(WildcardPatternList(",".join(rest.split())))
        return _Rules(tuple(found))

    def matching(self, host: str) -> tuple[bool, ...] | None:
        """Return which of the lines speak of this host."""
        if self.hosts is None:
            return None
        return tuple(patterns.matches(host) for patterns in self.hosts)


def _algorithms(known: Trusted) -> list[str]:
    """Return host key algorithms, those of known keys first.

    The others follow, so that a host with a new kind of key is told as changed and not as failing.
    """
    wanted = [name for key in known.keys for name in key.sig_algorithms]
    return _ordered((*get_default_certificate_algs(), *wanted) if known.authorities else tuple(wanted))


@functools.cache
def _ordered(wanted: tuple[bytes, ...]) -> list[str]:
    """One list for all hosts that are alike: 1.3 KB less for each connection."""
    return [name.decode() for name in dict.fromkeys([*wanted, *get_default_public_key_algs()])]
