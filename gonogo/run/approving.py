"""Taking approvals at a gate: other people's signatures under the plan of one step."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

from gonogo.errors import GonogoError, RunError
from gonogo.trail.approval import Approval, Asked, check, expiry, satisfied
from gonogo.trail.signers import Signers
from gonogo.trail.sshsig import PublicKey

from .rundata import Gate, RunData
from .words import At


class Approving:
    """The approvals of a run's open gate. Without signers or the operator's key, none can be taken."""

    HOLDS = 86400.0
    """Seconds after which a gate's signatures expire and it is asked anew."""

    def __init__(self, run: str, state: RunData, signers: Signers | None, operator: PublicKey | None) -> None:
        self._run, self._state = run, state
        self._signers, self._operator = signers, operator

    def evidence(self) -> dict[str, Any]:
        """Return what a gate adds so that everybody signs the same bytes."""
        return {"expires": expiry(datetime.now(UTC) + timedelta(seconds=self.HOLDS))}

    def take(self, number: int, signature: str) -> dict[str, Any]:
        """Return the fields of a signature that counts; raise with why one does not."""
        gate = self._state.gate
        if gate is None or gate.number != number or gate.at is not At.APPROVE:
            raise RunError("no approval is asked for")
        return self._check(gate, signature, self._counting(gate)).fields()

    def lacking(self, number: int) -> str:
        """Return why the open gate has not its approvals, or an empty string.

        They are read again from the trail: who goes on with a run under another key must not have given one.
        """
        gate = self._state.gate
        if gate is None or gate.number != number or gate.at is not At.APPROVE:
            return ""
        found, wanted, role = self._counting(gate), gate.evidence["approvers"], gate.evidence["role"]
        if satisfied(found, wanted, role, self._state.plan.roles):
            return ""
        return f"{len(found)} of {wanted} signatures count"

    def _counting(self, gate: Gate) -> list[Approval]:
        found: list[Approval] = []
        for one in self._state.approvals:
            with contextlib.suppress(GonogoError):
                found.append(self._check(gate, one.signature, found))
        return found

    def _check(self, gate: Gate, signature: str, earlier: list[Approval]) -> Approval:
        if self._signers is None or self._operator is None:
            raise RunError("this run was started without allowed signers or without the operator's key")
        return check(
            Asked(self._run, gate.evidence["step"], gate.evidence["plan"], gate.evidence["expires"]),
            signature,
            self._signers,
            datetime.now(UTC),
            operator_keys=[self._operator],
            earlier=earlier,
            role=gate.evidence["role"],
            roles=self._state.plan.roles,
        )
