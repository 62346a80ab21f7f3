"""Making signatures with the operator's own SSH key: from its file, or through the agent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from .sshsig import ALGORITHMS, PublicKey, SignatureError, Unreadable, armor, signed_bytes

AGENT_LIMIT = 15.0
"""Seconds that an agent may take for one signature: a key that wants a touch must not stop a run."""
KEY_LIMIT = 64 << 10
"""Bytes of a key file."""

Ask = Callable[[str], str]
"""Asks for a passphrase; the text says for which key."""


class Signer(Protocol):
    """Something that signs with one key."""

    @property
    def key(self) -> PublicKey:
        """The public half."""

    async def sign(self, namespace: str, data: bytes) -> str:
        """Return an armored signature; raise SignatureError when there is none (in time)."""


async def load_signer(text: str, ask: Ask | None = None) -> Signer:
    """Return the signer that `text` names; raise SignatureError when it can't sign.

    `text` is a private key's file, a `.pub` file whose key is in the agent, `agent` (its first key that can
    sign) or `agent:SHA256:...`. `ask` is called when a key's file wants a passphrase.
    """
    word, _, wanted = text.partition(":")
    if word == "agent":
        return await _from_agent(lambda key: not wanted or key.fingerprint == wanted, text)
    path = Path(text).expanduser()
    data = _read(path)
    if data.startswith(b"-----BEGIN"):
        return KeySigner(path, data, ask)
    try:
        key = PublicKey.parse(data.decode("utf-8", "replace"))
    except Unreadable as error:
        raise SignatureError(f"{path} is no SSH key that can sign: {error}", "Name a key's file.") from None
    return await _from_agent(lambda one: one == key, f"the key of {path} ({key.fingerprint})")


class KeySigner:
    """Signs with a private key held in memory."""

    def __init__(self, path: Path, data: bytes, ask: Ask | None = None) -> None:
        import asyncssh

        passphrase = ask(f"Passphrase of {path}") if ask is not None and _encrypted(data) else None
        try:
            self._private = asyncssh.import_private_key(data, passphrase)
            # RSA signs as rsa-sha2-512, whatever the key's file says.
            kind = self._private.algorithm
            self._algorithm = b"rsa-sha2-512" if kind == b"ssh-rsa" else kind
            self.key = PublicKey(self._private.public_data).checked()
        except asyncssh.KeyEncryptionError as error:
            mend = f"ssh-add {path} and name `agent`; or install bcrypt, if that is what is missing."
            raise SignatureError(f"{path} cannot be unlocked: {error}", mend) from None
        except (asyncssh.KeyImportError, Unreadable, ValueError) as error:
            raise SignatureError(
                f"{path} is no private key that can sign: {error}",
                "Name an Ed25519, ECDSA or RSA key. A security key signs through the agent.",
            ) from None

    async def sign(self, namespace: str, data: bytes) -> str:
        """Return an armored signature; it takes 0.1 to 5 ms."""
        try:
            signature = self._private.sign(signed_bytes(namespace, data), self._algorithm)
        except Exception as error:
            raise SignatureError(
                f"{self.key.fingerprint} cannot sign: {error}", "A security key signs through the agent."
            ) from None
        return armor(self.key, namespace, signature)


class AgentSigner:
    """Signs through the agent, found anew for each signature: an agent may go and come back."""

    def __init__(self, key: PublicKey, limit: float = AGENT_LIMIT) -> None:
        self.key = key
        self._limit = limit

    async def sign(self, namespace: str, data: bytes) -> str:
        """Return an armored signature; raise SignatureError when the agent gives none in time."""
        try:
            async with asyncio.timeout(self._limit):
                signature = await _agent_signature(self.key, signed_bytes(namespace, data))
        except TimeoutError:
            raise SignatureError(
                f"the agent gave no signature in {self._limit:g} s",
                "It may want a touch or a confirmation: a key without one seals on its own.",
            ) from None
        except (OSError, ValueError) as error:
            raise SignatureError(
                f"the agent does not sign with {self.key.fingerprint}: {str(error) or 'it is gone'}",
                "`ssh-add -l` lists its keys.",
            ) from None
        return armor(self.key, namespace, signature)


async def _agent_signature(key: PublicKey, data: bytes) -> bytes:
    import asyncssh

    async with asyncssh.connect_agent() as agent:
        flags = 4 if key.kind == b"ssh-rsa" else 0  # SSH_AGENT_RSA_SHA2_512
        return await agent.sign(key.blob, data, flags)


async def _from_agent(fits: Callable[[PublicKey], bool], what: str) -> AgentSigner:
    import asyncssh

    try:
        async with asyncio.timeout(AGENT_LIMIT), asyncssh.connect_agent() as agent:
            held = [PublicKey(one.public_data) for one in await agent.get_keys()]
    except (OSError, ValueError, TimeoutError) as error:
        raise SignatureError(
            f"there is no SSH agent to sign with: {str(error) or 'no answer'}",
            "Start one (`eval $(ssh-agent)`, `ssh-add`), or name a private key's file.",
        ) from None
    for key in held:
        if _usable(key) and fits(key):
            return AgentSigner(key)
    raise SignatureError(f"the agent holds no key for {what}", "`ssh-add -l` lists its keys; add it there.")


def _usable(key: PublicKey) -> bool:
    try:
        return key.kind in ALGORITHMS and key.checked() == key
    except Unreadable:
        return False


def _read(path: Path) -> bytes:
    """Return a key file's bytes; refuse a private key that others can read, as ssh does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(KEY_LIMIT)
            mode = os.fstat(descriptor).st_mode
    except OSError as error:
        why = f"{path}: the key cannot be read: {error.strerror}"
        raise SignatureError(why, "Name a key's file, or `agent`.") from None
    if data.startswith(b"-----BEGIN") and mode & 0o077:
        raise SignatureError(f"{path}: others can read this private key", f"chmod 600 {path}")
    return data


def _encrypted(data: bytes) -> bool:
    import asyncssh

    try:
        asyncssh.import_private_key(data)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        return "assphrase" in str(error)
    except ValueError:
        return False
    return False
