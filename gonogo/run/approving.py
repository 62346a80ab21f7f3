"""Taking approvals at a gate: other people's signatures under the plan of one step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gonogo.errors import RunError
from gonogo.trail.approval import Approval, Asked, check, expiry
from gonogo.trail.signers import Signers
from gonogo.trail.sshsig import PublicKey

from .rundata import RunData
from .words import At


class Approving:
    """The approvals of a run's open gate. Without signers or the operator's key, none can be taken."""

    HOLDS = 86400.0
    """Seconds after which a gate's signatures expire and it is asked anew."""

    def __init__(self, run: str, state: RunData, signers: Signers | None, operator: PublicKey | None) -> None:
        self._run, self._state = run, state
        self._signers, self._operator = signers, operator
        self._given: dict[int, list[Approval]] = {}

    def evidence(self) -> dict[str, Any]:
        """Return what a gate adds so that everybody signs the same bytes."""
        return {"expires": expiry(datetime.now(UTC) + timedelta(seconds=self.HOLDS))}

    def take(self, number: int, signature: str) -> dict[str, Any]:
        """Return the fields of a signature that counts; raise with why one does not."""
        gate = self._state.gate
        if gate is None or gate.number != number or gate.at is not At.APPROVE:
            raise RunError("no approval is asked for")
        if self._signers is None or self._operator is None:
            raise RunError("this run was started without allowed signers or without the operator's key")
        asked = Asked(self._run, gate.evidence["step"], gate.evidence["plan"], gate.evidence["expires"])
        found = check(
            asked,
            signature,
            self._signers,
            datetime.now(UTC),
            operator_keys=[self._operator],
            earlier=self._earlier(number, asked),
            role=gate.evidence["role"],
            roles=self._state.plan.roles,
        )
        self._given.setdefault(number, []).append(found)
        return found.fields()

    def _earlier(self, number: int, asked: Asked) -> list[Approval]:
        """Return what counts already; after a resume, read again from the trail's own records."""
        if number not in self._given and self._signers is not None:
            self._given[number] = []
            for one in self._state.approvals:
                found = check(
                    asked,
                    one.signature,
                    self._signers,
                    datetime.now(UTC),
                    role=self._state.gate.evidence["role"] if self._state.gate else None,
                    roles=self._state.plan.roles,
                )
                self._given[number].append(found)
        return self._given.get(number, [])
