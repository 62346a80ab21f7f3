"""One SSH connection: its settings from the inventory and ssh_config, and why it failed if it did."""

from __future__ import annotations

import asyncio
import shlex
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from gonogo.errors import ExecutorError
from gonogo.text import clean_line

from .trust import KnownHosts

CONNECT_SECONDS = 10.0
LOGIN_SECONDS = 30.0
KEEPALIVE_SECONDS = 15
"""A frozen host is only seen by asking; after three unanswered questions the connection is lost."""
TRIES = 3
"""sshd drops connections at random when many log in at once (MaxStartups); these are tried again."""
JUMP_LIMIT = 5
_CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes256-ctr",
)


class Unreachable(Exception):
    """A host could not be logged in to. The text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the executor was made with. `config` None: the user's own ssh_config."""

    config: Sequence[Path] | None = None
    known_hosts: Sequence[Path] = ()
    client_keys: Sequence[Path] = ()
    agent: bool = True
    username: str | None = None


@dataclass(slots=True)
class _Client(asyncssh.SSHClient):
    """Remembers the key that was not trusted."""

    known: asyncssh.SSHKnownHosts
    why: str = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Refuse, and say whether the key is unknown or another than the known one."""
        found = f"{key.get_algorithm()} {key.get_fingerprint()}"
        keys = self.known.match(host, addr, port)[0]
        expected = sorted({one.get_fingerprint() for one in keys})
        name = f"[{host}]:{port}" if port != 22 else host
        if expected:
            self.why = (
                f"the host key has changed: it is {found}, known is {', '.join(expected)}; "
                f"somebody may be in between, or it was installed anew (then: ssh-keygen -R {name})"
            )
        else:
            self.why = f"the host key is not known: {found}; check it and add it to known_hosts"
        return False


@dataclass(slots=True)
class Connector:
    """Opens connections with the settings of one executor."""

    settings: Settings = field(default_factory=Settings)
    _known: KnownHosts = field(default_factory=KnownHosts)
    _hops: dict[str, asyncssh.SSHClientConnection] = field(default_factory=dict)
    _hop_locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def connect(
        self, name: str, variables: Mapping[str, str], timeout: float | None
    ) -> asyncssh.SSHClientConnection:
        """Return a logged-in connection; raise Unreachable with the reason."""
        try:
            wanted = self._wanted(name, variables)
        except (ExecutorError, OSError, ValueError, asyncssh.Error) as error:
            raise Unreachable(_words(error)) from None
        for attempt in range(1, TRIES + 1):
            try:
                return await self._open(wanted, timeout or CONNECT_SECONDS, 0)
            except (asyncssh.ConnectionLost, ConnectionResetError) as error:
                if attempt == TRIES:
                    why = f"the connection was closed during login, {TRIES} times: {_words(error)}"
                    raise Unreachable(why) from None
                await asyncio.sleep(0.2 * 2**attempt)
            except (OSError, asyncssh.Error, ExecutorError, ValueError) as error:
                raise Unreachable(_words(error)) from None
        raise Unreachable("it could not be reached")

    def _wanted(self, name: str, variables: Mapping[str, str]) -> dict[str, Any]:
        """Return asyncssh's arguments from the inventory's variables."""
        wanted: dict[str, Any] = {"host": variables.get("ansible_host", name), "known": []}
        if port := variables.get("ansible_port"):
            wanted["port"] = int(port)
        if user := variables.get("ansible_user", self.settings.username or ""):
            wanted["username"] = user
        key = variables.get("ansible_ssh_private_key_file") or variables.get("ansible_private_key_file")
        keys = [key] if key else [str(path) for path in self.settings.client_keys]
        if keys:
            wanted["client_keys"] = [str(Path(one).expanduser()) for one in keys]
        _common_arguments(variables.get("ansible_ssh_common_args", ""), wanted)
        return wanted

    async def _open(self, wanted: dict[str, Any], timeout: float, jumps: int) -> asyncssh.SSHClientConnection:
        if jumps > JUMP_LIMIT:
            raise ExecutorError(f"there are more than {JUMP_LIMIT} jump hosts, one through the other")
        wanted = dict(wanted)
        named, jump = wanted.pop("known"), wanted.pop("tunnel", None)
        options = await asyncio.to_thread(self._options, wanted)
        known = self._known.of(named or self._trusted_files(options.known_hosts))
        client = _Client(known)
        tunnel = await self._jump(jump or options.tunnel, timeout, jumps)
        try:
            async with asyncio.timeout(timeout + LOGIN_SECONDS):
                return await asyncssh.connect(
                    wanted["host"],
                    options=options,
                    known_hosts=known,
                    client_factory=lambda: client,
                    tunnel=tunnel,
                    connect_timeout=timeout,
                    login_timeout=LOGIN_SECONDS,
                )
        except asyncssh.HostKeyNotVerifiable as error:
            raise ExecutorError(client.why or _words(error)) from None

    def _trusted_files(self, configured: Any) -> list[str]:
        """Return the files to trust. None is `UserKnownHostsFile none`: nobody is trusted then."""
        if self.settings.known_hosts:
            return [str(path) for path in self.settings.known_hosts]
        if configured is None:
            return []
        return [str(path) for path in configured] or ["~/.ssh/known_hosts"]

    async def _jump(self, jump: Any, timeout: float, jumps: int) -> asyncssh.SSHClientConnection | tuple[()]:
        """Return the connection to go through: one login a jump host, shared by all hosts behind it."""
        tunnel: asyncssh.SSHClientConnection | tuple[()] = ()
        for hop in str(jump).split(",") if jump else ():
            async with self._hop_locks.setdefault(hop, asyncio.Lock()):
                kept = self._hops.get(hop)
                if kept is None or kept.is_closed():
                    kept = self._hops[hop] = await self._open(self._hop(hop), timeout, jumps + 1)
            tunnel = kept
        return tunnel

    def _hop(self, hop: str) -> dict[str, Any]:
        user, _, rest = hop.rpartition("@")
        host, _, port = rest.partition(":")
        wanted: dict[str, Any] = {"host": host, "known": []}
        wanted |= {"port": int(port)} if port else {}
        wanted |= {"username": user} if user else {}
        if self.settings.client_keys:
            wanted["client_keys"] = [str(path) for path in self.settings.client_keys]
        return wanted

    async def close(self) -> None:
        """Close the connections to jump hosts."""
        hops, self._hops = self._hops, {}
        for connection in hops.values():
            connection.close()
        await asyncio.gather(*(one.wait_closed() for one in hops.values()), return_exceptions=True)

    def _options(self, wanted: dict[str, Any]) -> asyncssh.SSHClientConnectionOptions:
        """Read ssh_config for a host. Off the event loop: keys and configuration are files."""
        config = self.settings.config
        if config is None:
            own = Path("~/.ssh/config").expanduser()
            config = [own] if own.is_file() else []
        more: dict[str, Any] = {} if self.settings.agent else {"agent_path": None}
        return asyncssh.SSHClientConnectionOptions(
            config=[str(path) for path in config] or None,
            encryption_algs=_CIPHERS,
            keepalive_interval=KEEPALIVE_SECONDS,
            **more,
            **wanted,
        )


def _common_arguments(text: str, wanted: dict[str, Any]) -> None:
    """Take what is understood of `ansible_ssh_common_args`; refuse the rest instead of ignoring it."""
    words = shlex.split(text)
    while words:
        word = words.pop(0)
        value = words.pop(0) if word in ("-o", "-J", "-i", "-p") and words else ""
        name, _, given = value.partition("=") if word == "-o" else (word, "", value)
        match name.strip().lower():
            case "proxyjump" | "-j":
                wanted["tunnel"] = given.strip()
            case "userknownhostsfile":
                wanted["known"] = [str(Path(one).expanduser()) for one in given.split()]
            case "identityfile" | "-i":
                wanted["client_keys"] = [str(Path(given.strip()).expanduser())]
            case "port" | "-p":
                wanted["port"] = int(given)
            case "user":
                wanted["username"] = given.strip()
            case "stricthostkeychecking" if given.strip().lower() in ("yes", "accept-new", "ask"):
                pass
            case "stricthostkeychecking":
                raise ExecutorError("host keys are always checked: take StrictHostKeyChecking=no out")
            case _:
                shown = clean_line(f"{word} {value}".strip())
                raise ExecutorError(f"ansible_ssh_common_args: {shown} is not understood")


def _words(error: BaseException) -> str:
    """Return why a connection failed, told apart."""
    text = clean_line(str(error)) or type(error).__name__
    match error:
        case ExecutorError():
            return clean_line(error.what)
        case TimeoutError():
            return "timed out: no answer from its SSH port"
        case ConnectionRefusedError():
            return "connection refused: nothing listens on its SSH port"
        case socket.gaierror():
            return f"its name is not found: {text}"
        case asyncssh.PermissionDenied():
            return f"login refused: none of the keys offered is accepted ({text})"
        case asyncssh.KeyExchangeFailed() | asyncssh.ProtocolError():
            return f"it speaks no SSH that fits: {text}"
        case asyncssh.KeyImportError():
            return f"a key cannot be read: {text}"
    return text
