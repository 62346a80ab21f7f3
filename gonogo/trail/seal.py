"""Seals: the operator's signature over the trail's head, so that no rewritten chain passes for it."""

from __future__ import annotations

import re
from typing import Any

from .signing import Signer
from .sshsig import PublicKey, SignatureError, verify

NAMESPACE = "audit@gonogo"
WINDOW = 1 << 20
"""A seal stands at most so many records behind the one that it seals."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def statement(run: str, number: int, digest: str) -> bytes:
    """Return the bytes that a seal signs: record `number` of `run` has the hash `digest` (hex)."""
    if not _NAME.fullmatch(run):
        raise SignatureError("the run's name holds characters that no run's name has")
    return f"gonogo-audit/1\n{run}\n{number}\n{digest}\n".encode()


class Sealer:
    """Seals one run with one key."""

    def __init__(self, run: str, signer: Signer) -> None:
        self._run = run
        self._signer = signer

    @property
    def key(self) -> PublicKey:
        """The key that seals."""
        return self._signer.key

    async def seal(self, count: int, head: bytes) -> dict[str, Any]:
        """Return the fields of a `seal` record over the first `count` records, whose last hash is `head`.

        Raises SignatureError when the key or the agent gives no signature; the run can go on unsealed.
        """
        through, digest = count - 1, head.hex()
        signature = await self._signer.sign(NAMESPACE, statement(self._run, through, digest))
        return {"through": through, "hash": digest, "key": self._signer.key.line, "sig": signature}


def check_seal(run: str, record: dict[str, Any], head: bytes) -> PublicKey:
    """Return the key of a `seal` record over the record whose hash is `head`; raise SignatureError if bad."""
    through, digest, signature = record.get("through"), record.get("hash"), record.get("sig")
    if digest != head.hex():
        raise SignatureError("the seal is over another record")
    if not isinstance(through, int) or not isinstance(signature, str):
        raise SignatureError("the seal lacks its signature")
    key = verify(signature, NAMESPACE, statement(run, through, head.hex()))
    if record.get("key") != key.line:
        raise SignatureError("the seal names another key than the one that signed")
    return key
