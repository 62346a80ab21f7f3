"""Why a host could not be logged in to, in words that tell what to mend."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import socket
from pathlib import Path

import asyncssh
from asyncssh.constants import DEFAULT_LANG

from gonogo.errors import ExecutorError
from gonogo.text import clean_line, many

from .trust import Trusted

_USUAL = tuple(f"~/.ssh/id_{kind}" for kind in ("ed25519", "ecdsa", "rsa", "ed25519_sk", "ecdsa_sk"))
"""Key files that are tried where none is named."""
LONGEST = 200
"""Characters of a host's own words that a reason has room for; a host can send a quarter of a million."""
_UNFIT = (
    asyncssh.KeyExchangeFailed,
    asyncssh.ProtocolError,
    asyncssh.ProtocolNotSupported,
    asyncssh.MACError,
    asyncssh.CompressionError,
)


def distrust(host: str, port: int, key: asyncssh.SSHKey, known: Trusted) -> str:
    """Say why a host's key is refused: it is unknown, or another than the known one."""
    found = _fingerprint(key)
    name = shlex.quote(host if port == 22 else f"[{host}]:{port}")
    if known.keys:
        expected = ", ".join(sorted({_fingerprint(one) for one in known.keys}))
        return (
            f"the host key has changed: it is {found}, known is {expected}; somebody may be in between, "
            f"or the host was installed anew (then: ssh-keygen -R {name})"
        )
    bad = f"; unreadable: {', '.join(known.bad[:3])}" if known.bad else ""
    return f"the host key is not known: {found}; check it and add it to known_hosts for {name}{bad}"


def _fingerprint(key: asyncssh.SSHKey) -> str:
    return f"{key.get_algorithm()} {key.get_fingerprint()}"


async def refusal(error: asyncssh.PermissionDenied, options: asyncssh.SSHClientConnectionOptions) -> str:
    """Say why a login was refused: there was no key to offer, or none of them was taken."""
    if options.client_keys:
        return f"login refused for {clean_line(options.username)}: none of the keys offered is accepted"
    agent = str(options.agent_path or "")
    if not agent:
        return f"no key to log in with: {_files(options)}, and no agent (SSH_AUTH_SOCK is not set)"
    count = await _agent_keys(agent)
    if count is None:
        return f"no key to log in with: {_files(options)}, and no agent answers at {clean_line(agent)}"
    if count == 0:
        return f"no key to log in with: {_files(options)}, and the agent holds none (ssh-add)"
    return f"login refused for {clean_line(options.username)}: none of the agent's keys is accepted"


def _files(options: asyncssh.SSHClientConnectionOptions) -> str:
    """Say what is with the key files, as none could be offered: those with a passphrase are passed over."""
    named = options.config.get("IdentityFile")
    names = map(str, named) if isinstance(named, list) else _USUAL
    there = [name for name in names if Path(name).expanduser().is_file()]
    return f"{clean_line(there[0])} wants a passphrase" if there else "there is no key file"


async def _agent_keys(path: str) -> int | None:
    with contextlib.suppress(OSError, ValueError, asyncssh.Error):
        async with asyncssh.connect_agent(path) as agent:
            return len(await agent.get_keys())
    return None


def quoted(text: str) -> str:
    """Return what a host said, or what may hold words of it, so that it ends where it seems to end."""
    line = clean_line(text).replace('"', "'")
    if len(line) <= LONGEST:
        return f'"{line}"'
    return f'"{line[:LONGEST]}" and {many(len(line) - LONGEST, "more character")}'


def said(text: str) -> str:
    """Return a host's own words as such: they can pass for no reason of ours."""
    return f"it said: {quoted(text)}"


def parting(error: BaseException | None) -> str:
    """Return what is known of why a connection ended, after that it did; empty when that is all."""
    match error:
        case asyncssh.ConnectionLost(reason="Connection lost") | None:
            return ""
        case asyncssh.ConnectionLost(reason="Server not responding to keepalive"):
            return "it does not answer any more"
        case asyncssh.DisconnectError() | asyncssh.ChannelOpenError():
            return _told(error)
        case TimeoutError():
            return "it does not answer"
        case OSError() if error.errno:
            return clean_line(os.strerror(error.errno))
    return quoted(str(error)) if str(error) else type(error).__name__


def _told(error: asyncssh.DisconnectError | asyncssh.ChannelOpenError) -> str:
    """Return the reason that a host, or asyncssh itself, gave.

    What asyncssh says is in this language, but so may be what a host says; and hosts are quoted in it.
    """
    bare = type(error) in (asyncssh.DisconnectError, asyncssh.ConnectionLost)
    own = error.lang == DEFAULT_LANG and not bare
    return quoted(error.reason) if own else said(error.reason)


def words(error: BaseException) -> str:
    """Return why a connection failed, told apart. What a host said itself is quoted."""
    match error:
        case ExecutorError():
            return clean_line(error.what)
        case TimeoutError():
            return "timed out: no answer from its SSH port"
        case ConnectionRefusedError():
            return "connection refused: nothing listens on its SSH port"
        case socket.gaierror() | UnicodeError():
            return f"its name is not found: {clean_line(str(error))}"
        case asyncssh.Error():
            return _ssh_words(error)
        case asyncssh.KeyImportError():
            return f"a key cannot be read: {quoted(str(error))}"
        case asyncssh.ConfigParseError():
            return f"ssh_config cannot be read: {clean_line(str(error))}"
        case OSError(errno=errno.EMFILE | errno.ENFILE):
            return "this machine may open no more files: raise `ulimit -n`, or run in smaller batches"
        case OSError() if error.errno and not error.filename:
            return f"it cannot be reached: {clean_line(os.strerror(error.errno))}"
        case OSError() if str(error):
            return clean_line(str(error))
    return parting(error)


def _ssh_words(error: asyncssh.Error) -> str:
    match error:
        case asyncssh.ConnectionLost():
            return parting(error) or "it gave no reason"
        case asyncssh.HostKeyNotVerifiable() if error.lang == DEFAULT_LANG:
            return f"its host key is not accepted: {_told(error)}"
        case asyncssh.DisconnectError():
            own = error.lang == DEFAULT_LANG and isinstance(error, _UNFIT)
            return f"{'it speaks no SSH that fits' if own else 'the login was ended'}: {_told(error)}"
        case asyncssh.ChannelOpenError():
            return f"the jump host does not reach it: {_told(error)}"
    return parting(error)
