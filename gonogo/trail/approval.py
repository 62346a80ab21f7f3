"""Four eyes without a server: a second person's signature over what is about to run, and until when.

Everything here is a pure function of its arguments. An approval proves that a key which `allowed_signers`
names signed this plan's digest for use before the expiry; not who else holds that key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from .signers import Signers
from .sshsig import PublicKey, SignatureError, verify

NAMESPACE = "approve@gonogo"
LONGEST = timedelta(days=7)
"""An approval may not be asked for longer ahead than this."""
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,200}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = "%Y-%m-%dT%H:%M:%SZ"

Roles = Mapping[str, Collection[str]]
"""Role -> the principals that have it."""


class Asked(Struct, frozen=True):
    """What an approval is about; all who sign, sign these same fields."""

    run: str
    step: str
    plan: str
    """Hex SHA-256 of what will run, where."""
    expires: str
    """RFC 3339 UTC in whole seconds: `2026-11-20T18:00:00Z`."""


class Approval(Struct, frozen=True):
    """A signature that counts."""

    principal: str
    key: PublicKey
    expires: datetime
    signature: str
    names: frozenset[str]
    """Every name that allowed_signers gives this key."""

    @property
    def fingerprint(self) -> str:
        """`SHA256:...` of the key."""
        return self.key.fingerprint

    def fields(self) -> dict[str, Any]:
        """Return the fields of a `gate.approve` record, less the gate's number."""
        return {"by": self.principal, "key": self.key.line, "sig": self.signature}


def expiry(at: datetime) -> str:
    """Return an aware time as a statement writes it, cut to whole seconds."""
    return at.astimezone(UTC).strftime(_TIME)


def statement(asked: Asked) -> bytes:
    """Return the bytes to sign; raise SignatureError when a field could be taken for another."""
    if not (_LINE.fullmatch(asked.run) and _LINE.fullmatch(asked.step) and _DIGEST.fullmatch(asked.plan)):
        raise SignatureError("the approval's run, step or plan digest is malformed")
    _until(asked)
    return f"gonogo-approve/1\n{asked.run}\n{asked.step}\n{asked.plan}\n{asked.expires}\n".encode()


def check(
    asked: Asked,
    signature: str,
    signers: Signers,
    now: datetime,
    *,
    operator_keys: Iterable[PublicKey] = (),
    earlier: Iterable[Approval] = (),
    role: str | None = None,
    roles: Roles | None = None,
) -> Approval:
    """Return the approval that an armored signature is; raise SignatureError with why it does not count."""
    expires = _until(asked)
    if now >= expires:
        raise SignatureError(f"the approval expired at {asked.expires}", "Ask for a new one.")
    if expires - now > LONGEST:
        raise SignatureError(f"the approval would hold for more than {LONGEST.days} days")
    key = verify(signature, NAMESPACE, statement(asked))
    found = signers.names(key, NAMESPACE, now)
    if not found:
        raise SignatureError(
            f"nobody in {signers.name} may approve with {key.fingerprint} now",
            "Add the key there, and start the run again.",
        )
    principal = _principal(signers, key, now, found, role, roles)
    approval = Approval(principal, key, expires, signature, signers.owners(key))
    _refuse_same(approval, signers, operator_keys, earlier)
    return approval


def satisfied(
    approvals: Iterable[Approval], approvers: int, role: str | None = None, roles: Roles | None = None
) -> bool:
    """Return whether enough people have approved; with a role, only those who have it count."""
    members = None if role is None else (roles or {}).get(role, ())
    counted: list[Approval] = []
    for one in approvals:
        has_role = members is None or one.principal in members
        if has_role and not any(_same(one, other) for other in counted):
            counted.append(one)
    return len(counted) >= approvers


def _until(asked: Asked) -> datetime:
    try:
        time = datetime.strptime(asked.expires, _TIME).replace(tzinfo=UTC)
    except ValueError:
        time = None
    if time is None or expiry(time) != asked.expires:
        raise SignatureError(f"{asked.expires[:40]!r} is no expiry", "Write it as 2026-11-20T18:00:00Z.")
    return time


def _principal(
    signers: Signers,
    key: PublicKey,
    now: datetime,
    found: tuple[str, ...],
    role: str | None,
    roles: Roles | None,
) -> str:
    """Return the name under which a key approves: with a role, a member of it."""
    if role is None:
        return found[0]
    for member in (roles or {}).get(role, ()):
        if signers.allows(member, key, NAMESPACE, now):
            return member
    raise SignatureError(f"{found[0]} does not have the role {role!r}", "Somebody who has it must sign.")


def _refuse_same(
    approval: Approval, signers: Signers, operator_keys: Iterable[PublicKey], earlier: Iterable[Approval]
) -> None:
    for key in operator_keys:
        if key == approval.key or signers.owners(key) & approval.names:
            raise SignatureError(
                f"{approval.principal} drives this run, so this is no second pair of eyes",
                "Somebody else must sign.",
            )
    for other in earlier:
        if _same(approval, other):
            raise SignatureError(f"{other.principal} has approved already", "Somebody else must sign.")


def _same(one: Approval, other: Approval) -> bool:
    """One key is one person under however many names; one name is one person with however many keys."""
    return one.key == other.key or one.principal == other.principal or bool(one.names & other.names)
