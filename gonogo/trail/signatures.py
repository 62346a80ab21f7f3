"""The signatures in a trail, checked as its records come: seals and approvals. Reads only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from .approval import NAMESPACE as APPROVE
from .approval import Approval, Asked, check
from .approval import statement as approval_statement
from .promised import Promised
from .record import GENESIS
from .seal import NAMESPACE as AUDIT
from .seal import WINDOW, check_seal, statement
from .signers import Entry, Signers
from .sshsig import PublicKey, SignatureError, verify

Record = dict[str, Any]
OnSeal = Callable[[int, bytes, str], None]
"""Takes each seal: its record's number, the statement, the armored signature."""
KEYS_LIMIT = 1000
"""Keys that may sign one trail."""


class Signed(Struct):
    """Who signed what."""

    sealed: int | None = None
    """The last record that a good seal by somebody known covers."""
    seals: int = 0
    approvals: int = 0
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Fingerprint of each key that signed -> its names in allowed_signers, if those were asked."""


class Signatures:
    """Checks seals and approvals as their records come."""

    def __init__(self, signers: Signers | None, promised: Promised, on_seal: OnSeal | None) -> None:
        self._signers, self._promised, self._on_seal = signers, promised, on_seal
        self.found = Signed()
        self._heads = _Heads()
        self._run = ""
        self._gate: Record = {}
        self._given: list[Approval] = []
        self._sealer: PublicKey | None = None
        self._eyes: list[PublicKey] = []
        self._answered = False
        self.bad = ""
        self.unknown = ""

    def record(self, record: Record, head: bytes) -> None:
        """Take in a record and its hash."""
        kind = record["k"]
        if record["n"] == 0:
            self._run = str(record.get("run"))
        for take in (self._promised.record, self._take):
            try:
                take(record)
            except SignatureError as error:
                self.bad = self.bad or f"record {record['n']} ({kind}): {error.what}"
        self._heads.append(head)

    def _take(self, record: Record) -> None:
        match record["k"]:
            case "seal":
                self._seal(record)
            case "gate.ask":
                self._gate, self._given = record, []
                self._eyes = self._eyes if self._answered else []
            case "gate.approve":
                self._approval(record)
            case "gate.answer":
                self._answer(record)

    def _seal(self, record: Record) -> None:
        self.found.seals += 1
        through, signature = record.get("through"), record.get("sig")
        head = self._heads.of(through) if type(through) is int else None
        if type(through) is not int or head is None or not isinstance(signature, str):
            raise SignatureError("the seal is over no record before it")
        if self._on_seal is not None:
            self._on_seal(record["n"], statement(self._run, through, head.hex()), signature)
        key = check_seal(self._run, record, head)
        self._sealer = key
        if any(self._same(key, one) for one in self._eyes):
            raise SignatureError("whoever seals this has approved it too: that is no second pair of eyes")
        if self._answered:
            self._eyes, self._answered = [], False
        if self._known(record, key, AUDIT):
            self.found.sealed = max(self.found.sealed or 0, through)

    def _approval(self, record: Record) -> None:
        self.found.approvals += 1
        asked, signature = self._asked(), record.get("sig")
        if asked is None or record.get("gate") != self._gate.get("gate") or not isinstance(signature, str):
            raise SignatureError("the approval answers no question")
        key = verify(signature, APPROVE, approval_statement(asked))
        if record.get("key") != key.line:
            raise SignatureError("the approval names another key than the one that signed")
        # Whoever drives may have taken over since the last seal, so the next ones are looked at as well.
        if key not in self._eyes:
            self._eyes.append(key)
        if not self._known(record, key, APPROVE):
            return
        # Where nobody vouches for keys, each stands for itself, under its fingerprint.
        signers = self._signers or Signers("", (Entry(key.fingerprint, key),))
        operator = (self._sealer,) if self._sealer else ()
        now, by, role = _time(record), record.get("by"), self._gate["evidence"].get("role")
        if self._signers is not None and not signers.allows(str(by), key, APPROVE, now):
            raise SignatureError("the approval names somebody whose key it is not")
        given = check(
            asked,
            signature,
            signers,
            now,
            operator_keys=operator,
            earlier=self._given,
            role=str(role) if role is not None and self._signers is not None else None,
            roles=self._promised.roles,
        )
        self._given.append(given)

    def _answer(self, record: Record) -> None:
        """A gate that needs approvals and was passed without them is as bad as a wrong one."""
        if self._gate.get("at") != "approve" or record.get("gate") != self._gate.get("gate"):
            return
        self._answered = True
        evidence = self._gate.get("evidence")
        needed = evidence.get("approvers") if isinstance(evidence, dict) else None
        needed = needed if type(needed) is int else 1
        if record.get("answer") == "go" and len(self._given) < needed and not self.unknown:
            raise SignatureError(f"the gate was passed with {len(self._given)} of {needed} approvals")

    def _same(self, one: PublicKey, other: PublicKey) -> bool:
        owners = self._signers.owners if self._signers else lambda key: frozenset()
        return one == other or bool(owners(one) & owners(other))

    def _asked(self) -> Asked | None:
        evidence = self._gate.get("evidence")
        if self._gate.get("at") != "approve" or not isinstance(evidence, dict):
            return None
        fields = [evidence.get(key) for key in ("step", "plan", "expires")]
        return Asked(self._run, *map(str, fields))

    def _known(self, record: Record, key: PublicKey, namespace: str) -> bool:
        """Note who signed; without allowed_signers every key passes, and the finding says so."""
        if len(self.found.keys) >= KEYS_LIMIT:
            raise SignatureError(f"more than {KEYS_LIMIT} keys have signed")
        if self._signers is None:
            self.found.keys.setdefault(key.fingerprint, ())
            return True
        # The record's own time counts, as with signed git commits: keys expire, what they signed stays.
        names = self._signers.names(key, namespace, _time(record))
        self.found.keys[key.fingerprint] = names
        if not names:
            where = f"record {record['n']} ({record['k']})"
            why = f"{where}: {key.fingerprint} may not sign for {namespace}, says {self._signers.name}"
            self.unknown = self.unknown or why
        return bool(names)


class _Heads:
    """The hashes of the latest WINDOW records."""

    def __init__(self) -> None:
        self._hashes = bytearray()
        self._count = 0

    def append(self, head: bytes) -> None:
        """Take in the next record's hash."""
        at = self._count % WINDOW * len(GENESIS)
        self._hashes[at : at + len(GENESIS)] = head
        self._count += 1

    def of(self, number: int) -> bytes | None:
        """Return a record's hash; None when it is too long ago or still to come."""
        if not max(0, self._count - WINDOW) <= number < self._count:
            return None
        at = number % WINDOW * len(GENESIS)
        return bytes(self._hashes[at : at + len(GENESIS)])


def _time(record: Record) -> datetime:
    try:
        return datetime.strptime(record["t"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        raise SignatureError("its time is none") from None
