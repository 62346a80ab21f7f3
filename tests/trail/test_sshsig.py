"""Signatures: made as ssh-keygen makes them, and read no less strictly."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import asyncssh
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gonogo.trail.keys import Unreadable, put, put_number, take
from gonogo.trail.sshsig import PublicKey, SignatureError, armor, signed_bytes, verify

from .conftest import Check
from .people import Party, new_key

KINDS = {
    "ed25519": ("ssh-ed25519", {}),
    "rsa": ("ssh-rsa", {"key_size": 2048}),
    "ecdsa-256": ("ecdsa-sha2-nistp256", {}),
    "ecdsa-384": ("ecdsa-sha2-nistp384", {}),
    "ecdsa-521": ("ecdsa-sha2-nistp521", {}),
}


def _blob(armored: str) -> bytes:
    return base64.b64decode("".join(armored.splitlines()[1:-1]))


def _armored(blob: bytes) -> str:
    coded = base64.b64encode(blob).decode()
    return f"-----BEGIN SSH SIGNATURE-----\n{coded}\n-----END SSH SIGNATURE-----\n"


@pytest.fixture(scope="module")
def good(party: Party) -> str:
    """Ann's signature under b"data" in the namespace `n@test`."""
    return asyncio.run(party.ann.sign("n@test", b"data"))


def _stock_signature(program: str, folder: Path) -> str:
    (folder / "file").write_bytes(b"data")
    words = [program, "-q", "-Y", "sign", "-n", "n@test", "-f", "key", "file"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return (folder / "file.sig").read_text()


@pytest.mark.parametrize("kind", KINDS)
async def test_stock_and_we_accept_each_other(
    kind: str, stock: Check, tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """ssh-keygen accepts what we sign, and we what it signs, with every kind of key."""
    name, more = KINDS[kind]
    signer = new_key(tmp_path, "key", name, **more)
    ours = await signer.sign("n@test", b"data")
    assert stock(f"me {signer.key.line}\n".encode(), "me", "n@test", ours, b"data")
    theirs = _stock_signature(need("ssh-keygen", "openssh-client"), tmp_path)
    assert verify(theirs, "n@test", b"data") == signer.key


def test_the_fingerprint_is_the_one_that_ssh_keygen_shows(
    party: Party, need: Callable[[str, str], str]
) -> None:
    """A key is shown as `ssh-keygen -l` shows it."""
    words = [need("ssh-keygen", "openssh-client"), "-l", "-f", str(party.folder / "ann.pub")]
    shown = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert party.ann.key.fingerprint == shown.split()[1]


@pytest.mark.parametrize(
    ("namespace", "data", "why"),
    [("m@test", b"data", "namespace"), ("n@test", b"date", "does not fit"), ("n@test", b"", "does not fit")],
)
def test_another_namespace_or_text_is_refused(good: str, namespace: str, data: bytes, why: str) -> None:
    """A signature holds for its namespace and its bytes alone."""
    with pytest.raises(SignatureError, match=why):
        verify(good, namespace, data)


def _with(blob: bytes, **fields: bytes) -> bytes:
    """Change parts of a signature's blob; `behind` is put at its end."""
    head, rest = blob[:10], blob[10:]
    parts = {}
    for name in ("key", "namespace", "reserved", "hash", "signature"):
        parts[name], rest = take(rest)
    behind = fields.pop("behind", b"")
    head = fields.pop("head", head)
    return head + b"".join(map(put, (parts | fields).values())) + behind


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"behind": b"x"}, "do not belong"),
        ({"reserved": b"x"}, "do not belong"),
        ({"namespace": b""}, "do not belong"),
        ({"hash": b"sha256"}, "another hash"),
        ({"hash": b"md5"}, "another hash"),
        ({"head": b"SSHSIG\0\0\0\2"}, "version 1"),
        ({"head": b"SSHSIX\0\0\0\1"}, "version 1"),
        ({"key": b""}, "cut off"),
        ({"key": put(b"ssh-dss") + b"\0" * 40}, "ssh-dss keys are not supported"),
        ({"key": put(b"ssh-ed25519-cert-v01@openssh.com")}, "not supported"),
        ({"key": put(b"ssh-ed25519") + put(b"short")}, "broken"),
        ({"signature": b""}, "cut off"),
        ({"signature": put(b"ssh-ed25519") + put(b"\0" * 64)}, "does not fit"),
        ({"signature": put(b"ssh-rsa") + put(b"\0" * 64)}, "does not fit"),
    ],
)
def test_a_bent_signature_is_refused(good: str, fields: dict[str, bytes], why: str) -> None:
    """What does not belong into a signature, or is of another kind, is refused by name."""
    with pytest.raises(SignatureError, match=why):
        verify(_armored(_with(_blob(good), **fields)), "n@test", b"data")


@pytest.mark.parametrize(
    "bend",
    [
        lambda text: text + "x",
        lambda text: "x" + text,
        lambda text: text + text,
        lambda text: text.replace("BEGIN", "BEGIN OPEN"),
        lambda text: text.replace("\n-----END", "=\n-----END"),
        lambda text: text.replace("U1NI", "U1N\u0406"),
        lambda text: "",
        lambda text: "A" * (17 << 10),
        lambda text: text[:-40],
    ],
)
def test_bent_armor_is_refused(good: str, bend: Callable[[str], str]) -> None:
    """One whole armored block and nothing beside it is a signature."""
    with pytest.raises(SignatureError):
        verify(bend(good), "n@test", b"data")


def test_rsa_with_sha1_is_refused(tmp_path: Path) -> None:
    """An RSA key signs with SHA-2, never with SHA-1, and has at least 1024 bits."""
    new_key(tmp_path, "rsa", "ssh-rsa", key_size=2048)
    private = asyncssh.read_private_key(tmp_path / "rsa")
    key = PublicKey(private.public_data)
    for algorithm, holds in ((b"ssh-rsa", False), (b"rsa-sha2-256", True), (b"rsa-sha2-512", True)):
        signature = private.sign(signed_bytes("n@test", b"data"), algorithm)
        assert key.verifies(signature, signed_bytes("n@test", b"data")) is holds
        if not holds:
            with pytest.raises(SignatureError, match="does not fit"):
                verify(armor(key, "n@test", signature), "n@test", b"data")


def _touched(kind: str, flags: int) -> tuple[PublicKey, str]:
    """Sign as a security key does, with a key that is none."""
    message = signed_bytes("n@test", b"data")
    counted = bytes([flags]) + (7).to_bytes(4, "big")
    data = hashlib.sha256(b"ssh:").digest() + counted + hashlib.sha256(message).digest()
    if kind == "sk-ssh-ed25519@openssh.com":
        private = ed25519.Ed25519PrivateKey.generate()
        point, value = private.public_key().public_bytes_raw(), private.sign(data)
        parts = [point]
    else:
        curve = ec.generate_private_key(ec.SECP256R1())
        numbers = decode_dss_signature(curve.sign(data, ec.ECDSA(hashes.SHA256())))
        value = b"".join(put_number(number) for number in numbers)
        encoded = curve.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        parts = [b"nistp256", encoded]
    blob = b"".join(map(put, (kind.encode(), *parts, b"ssh:")))
    key = PublicKey(blob)
    return key, armor(key, "n@test", put(kind.encode()) + put(value) + counted)


@pytest.mark.parametrize("kind", ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"])
def test_security_keys_sign_when_they_were_touched(kind: str, stock: Check) -> None:
    """A security key's signature holds, as stock says too; not without the touch that it counts."""
    key, signature = _touched(kind, flags=1)
    assert verify(signature, "n@test", b"data") == key
    assert stock(f"me {key.line}\n".encode(), "me", "n@test", signature, b"data")
    with pytest.raises(SignatureError, match="does not fit"):
        verify(_touched(kind, flags=0)[1], "n@test", b"data")


@given(st.dictionaries(st.integers(0, 10_000), st.integers(1, 255), min_size=1, max_size=4))
def test_hostile_bytes_are_refused_cleanly(good: str, changes: dict[int, int]) -> None:
    """Any change to a signature's bytes is an answer, never a traceback."""
    blob = bytearray(_blob(good))
    changed = {place % len(blob): change for place, change in changes.items()}
    for place, change in changed.items():
        blob[place] ^= change
    with pytest.raises(SignatureError):
        verify(_armored(bytes(blob)), "n@test", b"data")


@given(st.text(max_size=80))
def test_hostile_key_lines_are_refused_cleanly(line: str) -> None:
    """A line that is no key is Unreadable, whatever it holds."""
    with pytest.raises(Unreadable):
        PublicKey.parse(line)
