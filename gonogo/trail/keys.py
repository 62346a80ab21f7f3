"""Public keys and signatures as they stand on SSH's wire, and the arithmetic behind them.

The arithmetic is the cryptography library's, loaded when the first key is. asyncssh has all of this too, but
its import takes 0.6 s and runs `ldconfig`, `gcc` and `ld`, and checking a trail must run nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

    Key = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey

CURVES = {b"nistp256": ("SECP256R1", "SHA256"), b"nistp384": ("SECP384R1", "SHA384")}
CURVES |= {b"nistp521": ("SECP521R1", "SHA512")}
"""SSH's name of a curve -> the library's names of it and of the hash that goes with it."""
_RSA_LEAST, _RSA_MOST = 1024, 16384
_TOUCHED = 1
"""The flag by which a security key says that somebody was there."""


class Unreadable(ValueError):
    """Bytes that are no key or signature."""


def take(data: bytes) -> tuple[bytes, bytes]:
    """Split an SSH string (length, bytes) off; raise Unreadable when it is cut off."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 + length:
        raise Unreadable("the bytes are cut off")
    return data[4 : 4 + length], data[4 + length :]


def put(data: bytes) -> bytes:
    """Return an SSH string."""
    return len(data).to_bytes(4, "big") + data


def put_number(number: int) -> bytes:
    """Return an SSH number of no sign."""
    return put(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def load(blob: bytes) -> tuple[Key, bytes]:
    """Return a key blob's key and, for a security key, its application; raise Unreadable for a broken one."""
    kind, rest = take(blob)
    try:
        key, rest = _load(kind, rest)
    except Unreadable:
        raise
    except Exception:  # hostile numbers make the library raise many kinds
        raise Unreadable("the key is broken") from None
    application = b""
    if kind.startswith(b"sk-"):
        application, rest = take(rest)
    if rest:
        raise Unreadable("the key is broken: it holds bytes that do not belong there")
    return key, application


def verifies(blob: bytes, signature: bytes, data: bytes) -> bool:
    """Return whether a signature over `data` is by the key of a blob; raise Unreadable for a broken key."""
    key, application = load(blob)
    algorithm, rest = take(signature)
    value, rest = take(rest)
    if application:
        flags, counter = rest[:1], rest[1:]
        if len(counter) != 4 or not flags[0] & _TOUCHED:
            return False
        data = hashlib.sha256(application).digest() + rest + hashlib.sha256(data).digest()
    elif rest:
        return False
    try:
        _verify(key, algorithm, value, data)
    except Exception:  # hostile numbers make the library raise many kinds
        return False
    return True


def _load(kind: bytes, rest: bytes) -> tuple[Key, bytes]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if b"ed25519" in kind:
        point, rest = take(rest)
        return ed25519.Ed25519PublicKey.from_public_bytes(point), rest
    if kind == b"ssh-rsa":
        exponent, rest = _number(rest)
        modulus, rest = _number(rest)
        if not _RSA_LEAST <= modulus.bit_length() <= _RSA_MOST:
            raise Unreadable(f"an RSA key has {_RSA_LEAST} to {_RSA_MOST} bits")
        return rsa.RSAPublicNumbers(exponent, modulus).public_key(), rest
    name, rest = take(rest)
    point, rest = take(rest)
    if name not in kind:
        raise Unreadable("the key is broken: it is on another curve")
    curve: ec.EllipticCurve = getattr(ec, CURVES[name][0])()
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, point), rest


def _verify(key: Key, algorithm: bytes, value: bytes, data: bytes) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    if isinstance(key, ec.EllipticCurvePublicKey):
        r, rest = _number(value)
        s, rest = _number(rest)
        if rest:
            raise Unreadable("the signature is too long")
        name = next(hash_ for curve, hash_ in CURVES.values() if key.curve.name == curve.lower())
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hash_named(name)))
    elif isinstance(key, rsa.RSAPublicKey):
        # Some signers leave leading zeros out.
        value = value.rjust(key.key_size + 7 >> 3, b"\0")
        key.verify(value, data, padding.PKCS1v15(), hash_named("SHA" + algorithm.decode()[-3:]))
    else:
        key.verify(value, data)


def hash_named(name: str) -> HashAlgorithm:
    """Return the library's hash."""
    from cryptography.hazmat.primitives import hashes

    found: HashAlgorithm = getattr(hashes, name)()
    return found


def _number(data: bytes) -> tuple[int, bytes]:
    value, rest = take(data)
    number = int.from_bytes(value, "big", signed=True)
    if number <= 0:
        raise Unreadable("a number is not positive")
    return number, rest
