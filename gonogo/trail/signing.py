"""Making signatures with the operator's own SSH key: from its file, or through the agent."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from .keys import CURVES, Unreadable, hash_named, put, put_number, take
from .sshsig import ALGORITHMS, PublicKey, SignatureError, armor, signed_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Private = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey

AGENT_LIMIT = 15.0
"""Seconds that an agent may take for one signature: a key that wants a touch must not stop a run."""
KEY_LIMIT = 64 << 10
"""Bytes of a key file."""
_LIST, _SIGN = 11, 13
_RSA_SHA512 = 4
_KEYS_LIMIT, _ANSWER_LIMIT = 1000, 256 << 10

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
        from cryptography.exceptions import UnsupportedAlgorithm

        try:
            self._private = _unlock(path, data, ask)
            self.key = _public(self._private)
        except UnsupportedAlgorithm as error:
            mend = f"ssh-add {path} and name `agent`; or install bcrypt, if that is what is missing."
            raise SignatureError(f"{path} cannot be unlocked here: {error}", mend) from None
        except (Unreadable, ValueError, TypeError) as error:
            raise SignatureError(
                f"{path} is no private key that can sign, or its passphrase is another: {error}",
                "Name an Ed25519, ECDSA or RSA key. A security key signs through the agent.",
            ) from None

    async def sign(self, namespace: str, data: bytes) -> str:
        """Return an armored signature; it takes 0.1 to 5 ms."""
        return armor(self.key, namespace, _signature(self._private, signed_bytes(namespace, data)))


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
        except (OSError, EOFError, ValueError) as error:
            raise SignatureError(
                f"the agent does not sign with {self.key.fingerprint}: {str(error) or 'it is gone'}",
                "`ssh-add -l` lists its keys.",
            ) from None
        return armor(self.key, namespace, signature)


async def _agent_signature(key: PublicKey, data: bytes) -> bytes:
    flags = _RSA_SHA512 if key.kind == b"ssh-rsa" else 0
    body = put(key.blob) + put(data) + flags.to_bytes(4, "big")
    signature, rest = take(await _ask_agent(_SIGN, body))
    if rest:
        raise Unreadable("its answer is too long")
    return signature


async def _agent_keys() -> list[PublicKey]:
    answer = await _ask_agent(_LIST, b"")
    found, rest = [], answer[4:]
    for _ in range(min(int.from_bytes(answer[:4], "big"), _KEYS_LIMIT)):
        blob, rest = take(rest)
        _, rest = take(rest)
        found.append(PublicKey(blob))
    return found


async def _ask_agent(question: int, body: bytes) -> bytes:
    """Return the agent's answer; raise OSError, EOFError or ValueError when there is none."""
    path = os.environ.get("SSH_AUTH_SOCK")
    if not path:
        raise OSError("SSH_AUTH_SOCK is not set")
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        writer.write(put(bytes([question]) + body))
        length = int.from_bytes(await reader.readexactly(4), "big")
        if length > _ANSWER_LIMIT:
            raise Unreadable("its answer is too long")
        answer = await reader.readexactly(length)
    finally:
        writer.close()
    # Each answer has the number behind its question's; anything else is a refusal.
    if answer[:1] != bytes([question + 1]):
        raise Unreadable("it refuses")
    return answer[1:]


async def _from_agent(fits: Callable[[PublicKey], bool], what: str) -> AgentSigner:
    try:
        async with asyncio.timeout(AGENT_LIMIT):
            held = await _agent_keys()
    except (OSError, EOFError, ValueError, TimeoutError) as error:
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


def _unlock(path: Path, data: bytes, ask: Ask | None) -> Private:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    load = load_ssh_private_key if b"BEGIN OPENSSH" in data[:40] else load_pem_private_key
    try:
        private = load(data, None)
    except TypeError:  # it wants a passphrase
        said = ask(f"Passphrase of {path}") if ask is not None else ""
        if not said:
            mend = f"Give it when you are asked; or ssh-add {path}, and name `agent`."
            raise SignatureError(f"{path} wants a passphrase", mend) from None
        private = load(data, said.encode())
    return cast("Private", private)


def _public(private: Private) -> PublicKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return PublicKey.parse(line.decode())


def _signature(private: Private, data: bytes) -> bytes:
    """Return a wire signature; RSA signs with SHA-512."""
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if isinstance(private, rsa.RSAPrivateKey):
        return put(b"rsa-sha2-512") + put(private.sign(data, padding.PKCS1v15(), hash_named("SHA512")))
    kind = _public(private).kind
    if isinstance(private, ec.EllipticCurvePrivateKey):
        _, name = CURVES[kind.rpartition(b"-")[2]]
        numbers = decode_dss_signature(private.sign(data, ec.ECDSA(hash_named(name))))
        return put(kind) + put(b"".join(map(put_number, numbers)))
    return put(kind) + put(private.sign(data))
