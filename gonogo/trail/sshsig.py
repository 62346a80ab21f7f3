"""SSHSIG, the signature that `ssh-keygen -Y` makes and checks, read strictly.

What is read here: one armored block and nothing around it, the
namespace that was asked for, SHA-512, no reserved bytes, no certificate, no DSA, no RSA with SHA-1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from msgspec import Struct

from gonogo.errors import GonogoError
from gonogo.text import clean_line

from . import keys
from .keys import Unreadable, put, take

ARMOR_LIMIT = 16 << 10
"""Bytes of an armored signature; one by an RSA key of 16384 bits has 5,600."""
ALGORITHMS = {
    b"ssh-ed25519": {b"ssh-ed25519"},
    b"sk-ssh-ed25519@openssh.com": {b"sk-ssh-ed25519@openssh.com"},
    b"ecdsa-sha2-nistp256": {b"ecdsa-sha2-nistp256"},
    b"ecdsa-sha2-nistp384": {b"ecdsa-sha2-nistp384"},
    b"ecdsa-sha2-nistp521": {b"ecdsa-sha2-nistp521"},
    b"sk-ecdsa-sha2-nistp256@openssh.com": {b"sk-ecdsa-sha2-nistp256@openssh.com"},
    b"ssh-rsa": {b"rsa-sha2-256", b"rsa-sha2-512"},
}
"""Kinds of key that may sign, each with the signature algorithms that it may use."""
_MAGIC, _VERSION = b"SSHSIG", b"\0\0\0\1"
_HASH = b"sha512"
_ARMOR = re.compile(
    r"\s*-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n-----END SSH SIGNATURE-----\s*"
)
_SPACE = str.maketrans("", "", "\r\n")


class SignatureError(GonogoError):
    """A signature cannot be made, or does not prove what it should."""


class PublicKey(Struct, frozen=True):
    """A public key as it stands on the wire. Two are the same key when their blobs are equal."""

    blob: bytes

    @staticmethod
    def parse(line: str) -> PublicKey:
        """Read `type base64 [comment]`; raise Unreadable for anything else."""
        kind, *rest = re.split(r"[ \t\r\n]+", line.strip(" \t\r\n"), maxsplit=2)
        try:
            key = PublicKey(base64.b64decode("".join(rest[:1]), validate=True))
        except (binascii.Error, ValueError):
            raise Unreadable("the key is no base64") from None
        if key.kind != kind.encode():
            raise Unreadable("the key is of another kind than the line says")
        return key.checked()

    @property
    def kind(self) -> bytes:
        """The key's type: `ssh-ed25519`, ..."""
        return take(self.blob)[0]

    @property
    def line(self) -> str:
        """The key as a `.pub` file has it, without a comment."""
        return f"{self.kind.decode()} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """`SHA256:...`, as ssh-keygen shows it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return f"SHA256:{digest.rstrip('=')}"

    def checked(self) -> PublicKey:
        """Return the key if it may sign; raise Unreadable with why not."""
        if self.kind not in ALGORITHMS:
            shown = self.kind[:60].decode("utf-8", "replace")
            raise Unreadable(f"{clean_line(shown)} keys are not supported")
        keys.load(self.blob)
        return self

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Return whether a wire signature over `data` is by this key; raise Unreadable for a broken key."""
        return take(signature)[0] in ALGORITHMS[self.kind] and keys.verifies(self.blob, signature, data)


def signed_bytes(namespace: str, data: bytes) -> bytes:
    """Return what the key really signs for `data` in a namespace."""
    digest = hashlib.sha512(data).digest()
    return _MAGIC + put(namespace.encode()) + put(b"") + put(_HASH) + put(digest)


def armor(key: PublicKey, namespace: str, signature: bytes) -> str:
    """Return the armored text of a wire signature, as `ssh-keygen -Y sign` writes it."""
    parts = (key.blob, namespace.encode(), b"", _HASH, signature)
    coded = base64.b64encode(_MAGIC + _VERSION + b"".join(map(put, parts))).decode()
    lines = [coded[at : at + 70] for at in range(0, len(coded), 70)]
    return "\n".join(("-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""))


def verify(armored: str, namespace: str, data: bytes) -> PublicKey:
    """Return the key that signed `data` in `namespace`; raise SignatureError with why there is none."""
    try:
        key, found, signature = _parse(armored)
        if found != namespace.encode():
            shown = clean_line(found[:60].decode("utf-8", "backslashreplace"))
            raise Unreadable(f"it is made for the namespace {shown!r}, not {namespace!r}")
        if not key.verifies(signature, signed_bytes(namespace, data)):
            raise Unreadable("it does not fit: these are not the bytes that were signed, or not by this key")
    except Unreadable as error:
        raise SignatureError(
            f"the signature is not good: {error}", f"Make one with ssh-keygen -Y sign -n {namespace}."
        ) from None
    return key


def _parse(armored: str) -> tuple[PublicKey, bytes, bytes]:
    """Return key, namespace and wire signature."""
    if len(armored) > ARMOR_LIMIT:
        raise Unreadable("it is too long")
    match = _ARMOR.fullmatch(armored)
    if match is None:
        raise Unreadable("it is not one block from BEGIN SSH SIGNATURE to END SSH SIGNATURE")
    try:
        blob = base64.b64decode(match[1].translate(_SPACE), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("it is no base64") from None
    if not blob.startswith(_MAGIC + _VERSION):
        raise Unreadable("it is no SSHSIG of version 1")
    key, rest = take(blob[len(_MAGIC + _VERSION) :])
    namespace, rest = take(rest)
    reserved, rest = take(rest)
    digest, rest = take(rest)
    signature, rest = take(rest)
    if reserved or rest or not namespace:
        raise Unreadable("it holds bytes that do not belong there")
    if digest != _HASH:
        raise Unreadable("it uses another hash than sha512")
    return PublicKey(key).checked(), namespace, signature
