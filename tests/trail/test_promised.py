"""The digest that approvers sign, worked out from the plan's bytes, is the one that the run asks about."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from gonogo.format.model import Verdict as Judged
from gonogo.run.plan import Plan, PlannedInput
from gonogo.trail.promised import Promised
from gonogo.trail.sshsig import SignatureError
from tests.run.plans import plan_of, step

INPUTS = (
    PlannedInput("size", "5"),
    PlannedInput("token", None, secret=True),
    PlannedInput("when", None, reached=True),
)
PLANS = {
    "plain": plan_of(step("a", gate="approve")),
    "checked": plan_of(step("a", gate="approve", check=True, rollback=True, timeout=1.5, every=3e-05)),
    "rolling": plan_of(step("a", gate="approve", batch=("1", "50%"), env=(("ü", "\u2028"),)), hosts=9),
    "judged": plan_of(step("a", gate="approve", exit_map=((3, Judged.WARN),), approvers=2, role="dba")),
    "with inputs": replace(plan_of(step("a", gate="approve")), inputs=INPUTS),
}


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("edited", [None, 'echo "\x01\U0001f600" \\ \t'])
def test_it_is_the_digest_of_the_run(name: str, edited: str | None, tmp_path: Path) -> None:
    """Whatever stands in the plan, both come to the same digest, also after edits and entered values."""
    plan: Plan = PLANS[name]
    (tmp_path / "runbook").mkdir()
    (tmp_path / "runbook" / "plan.json").write_bytes(plan.dump())
    promised = Promised(tmp_path)
    script = plan.steps[0].step.script
    assert script is not None
    text = script.text if edited is None else edited
    if edited is not None:
        promised.record({"k": "edit", "number": 0, "script": edited})
    given: dict[str, str | None] = {"when": "now", "later": "ü"} if plan.inputs else {}
    for gate, (one, value) in enumerate(given.items()):
        promised.record({"k": "gate.ask", "gate": gate, "at": "input", "evidence": {"input": one}})
        promised.record({"k": "gate.answer", "gate": gate, "answer": "go", "value": value})
    options = plan.steps[0].step.options
    evidence = {"step": "a", "approvers": options.approvers, "role": options.role}
    asked = {"k": "gate.ask", "gate": 9, "at": "approve", "turn": 0}
    promised.record({**asked, "evidence": {**evidence, "plan": plan.digest_of(0, text, given)}})
    with pytest.raises(SignatureError, match="something else"):
        promised.record({**asked, "evidence": {**evidence, "plan": "0" * 64}})


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"[" * 100_000, b'{"steps":[{}]}', b"\xff"])
def test_a_plan_that_cannot_be_read_is_no_traceback(content: bytes, tmp_path: Path) -> None:
    """Its digest says that it is not the one that ran; nothing more is made of it."""
    (tmp_path / "runbook").mkdir()
    (tmp_path / "runbook" / "plan.json").write_bytes(content)
    promised = Promised(tmp_path)
    promised.record({"k": "gate.ask", "gate": 1, "at": "approve", "turn": 0, "evidence": {}})
    promised.record({"k": "step.plan", "phase": "run", "turn": 0, "script": ""})


def test_edits_without_end_are_not_held(tmp_path: Path) -> None:
    """A trail that holds more edits than can be followed is bad, not a full memory."""
    promised = Promised(tmp_path)
    edit = {"k": "edit", "script": "x" * 1_000_000}
    for number in range(67):
        promised.record({**edit, "number": number})
    with pytest.raises(SignatureError, match="more was edited"):
        promised.record({**edit, "number": 67})
