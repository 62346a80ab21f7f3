"""Tampering: any change to a sealed run is found, and told where it is."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gonogo.run.plan import PlannedInput
from gonogo.trail.reader import Verdict
from gonogo.trail.seal import Sealer
from gonogo.trail.signers import Signers, load_signers, parse_signers
from gonogo.trail.verify import verify_run
from gonogo.trail.writer import TrailWriter

from .people import Party
from .runs import bend, forge, golden_plan, make_run

Records = list[dict[str, Any]]


@pytest.fixture
def signers(party: Party) -> Signers:
    """Ann and Bob."""
    return load_signers(party.signers)


async def _small(folder: Path, party: Party) -> Path:
    """A sealed trail of four records."""
    run = folder / "20261120T160000Z-small"
    run.mkdir()
    trail = TrailWriter.create(run)
    trail.add("run.start", v=1, run=run.name, by="ann@desk")
    trail.add("note", text="f\u00fcr sp\u00e4ter", by="ann@desk")
    trail.add("run.end", result="go")
    await trail.commit()
    trail.add("seal", **await Sealer(run.name, party.ann).seal(trail.count, trail.head))
    await trail.close()
    return run


async def test_every_flipped_byte_is_found(tmp_path: Path, party: Party, signers: Signers) -> None:
    """Whichever byte of a sealed trail changes, it is not complete, and the record that holds it is named."""
    run = await _small(tmp_path, party)
    assert verify_run(run, signers).signed.sealed == 2
    whole = (run / "audit.jsonl").read_bytes()
    record = 0
    for at, byte in enumerate(whole):
        (run / "audit.jsonl").write_bytes(whole[:at] + bytes([byte ^ 1]) + whole[at + 1 :])
        finding = verify_run(run, signers)
        assert finding.verdict not in (Verdict.COMPLETE, Verdict.OPEN), f"byte {at}"
        assert f"record {record}" in finding.why or finding.verdict in (Verdict.TORN, Verdict.EMPTY)
        assert finding.records <= record
        record += byte == ord("\n")


async def test_every_cut_is_found(tmp_path: Path, party: Party, signers: Signers) -> None:
    """A trail that ends before its `run.end` is never complete, wherever it was cut."""
    run = await _small(tmp_path, party)
    whole = (run / "audit.jsonl").read_bytes()
    end = len(b"".join(whole.splitlines(keepends=True)[:3]))
    for at in range(end):
        (run / "audit.jsonl").write_bytes(whole[:at])
        assert verify_run(run, signers).verdict in (Verdict.OPEN, Verdict.TORN, Verdict.EMPTY), f"byte {at}"


def _drop(kind: str) -> Callable[[Records], Records]:
    return lambda records: [record for record in records if record["k"] != kind]


def _set(kind: str, **fields: object) -> Callable[[Records], Records]:
    def change(records: Records) -> Records:
        next(record for record in records if record["k"] == kind).update(fields)
        return records

    return change


def _swap(records: Records) -> Records:
    records[3], records[4] = records[4], records[3]
    return records


REWRITES: dict[str, Callable[[Records], Records]] = {
    "an exit code": _set("host.exit", code=1),
    "who answered": _set("gate.answer", by="mallory"),
    "who started it": _set("run.start", by="mallory"),
    "the order": _swap,
    "a dropped step": _drop("step.end"),
    "a dropped approval": _drop("gate.approve"),
    "the result": _set("run.end", result="no-go"),
    "a seal's reach": _set("seal", through=3),
    "a seal's hash": _set("seal", hash="0" * 64),
    "a seal's key": _set("seal", key="ssh-ed25519 AAAA"),
    "a seal's signature": _set("seal", sig="x"),
    "a seal without a reach": _set("seal", through=None),
    "a seal over what is to come": _set("seal", through=99),
}


@pytest.mark.parametrize("what", REWRITES)
async def test_a_rewritten_chain_is_found(what: str, run: Path, signers: Signers) -> None:
    """Whoever can write the file but has no key cannot make a chain that the seals agree with."""
    await forge(run, REWRITES[what])
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.BAD_SIGNATURE
    assert re.match(r"record \d+ \((seal|gate\.\w+)\): ", finding.why)


async def test_seals_by_somebody_else_are_found(run: Path, party: Party, signers: Signers) -> None:
    """Rewritten and sealed with a key that nobody allows, it has an unknown signer."""
    await forge(run, REWRITES["an exit code"], party.eve)
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.UNKNOWN_SIGNER
    assert party.eve.key.fingerprint in finding.why
    assert finding.signed.sealed is None
    alone = verify_run(run)
    assert alone.verdict is Verdict.COMPLETE
    assert alone.signers is None


async def test_what_the_operator_can_forge(run: Path, party: Party, signers: Signers) -> None:
    """The operator can rewrite what only they signed, but no approval."""
    await forge(run, REWRITES["an exit code"], party.ann)
    assert verify_run(run, signers).verdict is Verdict.COMPLETE
    await forge(run, _set("gate.approve", by="carol@example.com", key=party.ann.key.line), party.ann)
    assert verify_run(run, signers).verdict is Verdict.BAD_SIGNATURE


@pytest.mark.parametrize("evidence", ["plan", "step", "expires"])
async def test_another_plan_is_not_approved(evidence: str, run: Path, party: Party, signers: Signers) -> None:
    """An approval under other evidence is found, however the rest is sealed."""

    def change(records: Records) -> Records:
        gate = next(record for record in records if record.get("at") == "approve")
        other = {"plan": "0" * 64, "step": "look", "expires": "2030-01-01T00:00:00Z"}
        gate["evidence"][evidence] = other[evidence]
        return records

    await forge(run, change, party.ann)
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.BAD_SIGNATURE
    assert re.search(r"\(gate\.(ask|approve)\)", finding.why)


async def test_a_plan_changed_after_its_approval_is_found(run: Path, party: Party, signers: Signers) -> None:
    """An operator who runs something else than was approved, and writes it into the plan, is found out."""
    path = run / "runbook" / "plan.json"
    path.write_bytes(path.read_bytes().replace(b"run switch", b"rm -rf all"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    await forge(run, _set("run.start", plan=digest), party.ann)
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.BAD_SIGNATURE
    assert "something else than the plan holds" in finding.why


def _gate_away(records: Records) -> Records:
    return [record for record in records if record["k"] not in ("gate.ask", "gate.approve", "gate.answer")]


def _other_script(records: Records) -> Records:
    next(record for record in records if record.get("step") == "switch" and record["k"] == "step.plan")[
        "script"
    ] = "0" * 64
    return records


def _edited(records: Records) -> Records:
    at = next(record["n"] for record in records if record["k"] == "gate.answer") + 1
    edit = {**records[at], "k": "edit", "number": 1, "step": "switch", "script": "rm -rf all"}
    return [*records[:at], edit, *records[at:]]


@pytest.mark.parametrize("change", [_gate_away, _other_script, _edited])
async def test_a_step_that_ran_otherwise_than_approved_is_found(
    change: Callable[[Records], Records], run: Path, party: Party, signers: Signers
) -> None:
    """A step that the plan wants approved ran as it was approved, or the trail is bad."""
    await forge(run, change, party.ann)
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.BAD_SIGNATURE
    assert "(step.plan)" in finding.why


async def test_an_approver_who_takes_over_is_no_second_person(
    run: Path, party: Party, signers: Signers
) -> None:
    """Whoever approves, takes the run over and says go themselves is found by the next seal; others may."""
    await forge(run, lambda records: records, party.ann, then=party.bob)
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.BAD_SIGNATURE
    assert "has approved it too" in finding.why
    three = parse_signers(party.signers.read_bytes() + f"eve {party.eve.key.line}\n".encode())
    await forge(run, lambda records: records, party.ann, then=party.eve)
    assert verify_run(run, three).verdict is Verdict.COMPLETE


async def test_edits_and_entered_values_are_approved_too(
    tmp_path: Path, party: Party, signers: Signers
) -> None:
    """A step edited at its gate is approved anew, with the values entered by then, and that verifies."""
    later = PlannedInput("size", None, reached=True)
    plan = golden_plan()
    plan = replace(plan, inputs=(later,), steps=(replace(plan.steps[0], needs=("size",)), plan.steps[1]))
    made = await make_run(
        tmp_path / "runs", party, sealer=party.ann, approver=party.bob, plan=plan, edit="echo edited"
    )
    finding = verify_run(made, signers)
    assert finding.verdict is Verdict.COMPLETE, finding.why
    assert finding.signed.approvals == 1
    records = [json.loads(line) for line in (made / "audit.jsonl").read_bytes().splitlines()]
    assert next(record for record in records if record["k"] == "edit")["script"] == "echo edited"
    assert any(record.get("value") == "7" for record in records)
    await forge(made, _drop("edit"), party.ann)
    assert verify_run(made, signers).verdict is Verdict.BAD_SIGNATURE


async def test_the_operators_own_approval_is_found(run: Path, party: Party, signers: Signers) -> None:
    """A trail whose seals and approval are by one key has no second pair of eyes."""
    await forge(run, lambda records: records, party.bob)
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.BAD_SIGNATURE
    assert "no second pair of eyes" in finding.why


BESIDE: dict[str, Callable[[Path], object]] = {
    "a changed plan": lambda run: (run / "runbook" / "plan.json").write_bytes(b"{}"),
    "a missing plan": lambda run: (run / "runbook" / "plan.json").unlink(),
    "a changed runbook": lambda run: (run / "runbook" / "01-change.md").write_bytes(b""),
    "other signers": lambda run: (run / "runbook" / "02-allowed_signers").write_bytes(b"* x"),
    "a link": lambda run: _link(run / "runbook" / "01-change.md"),
    "no documents": lambda run: shutil.rmtree(run / "runbook"),
    "changed output": lambda run: _edit(run / "output" / "0001-01.out", b"here", b"hare"),
    "output of another host": lambda run: _edit(run / "output" / "0001-01.out", b"o h0", b"o h1"),
    "cut output": lambda run: (run / "output" / "0001-01.out").write_bytes(b""),
    "more output": lambda run: _more(run / "output" / "0001-01.out"),
}


def _edit(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new, 1))


def _more(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"#99 o h0 3\nabc\n")


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("what", BESIDE)
def test_what_lies_beside_is_compared(what: str, run: Path, signers: Signers) -> None:
    """Documents and output that differ from the digests in the trail make it corrupt."""
    BESIDE[what](run)
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.CORRUPT
    assert finding.why.startswith(("runbook/", "output/"))


def test_pruned_output_is_told_and_is_no_damage(run: Path, signers: Signers) -> None:
    """Output may be thrown away: its digests stay, and the finding says that it was not checked."""
    shutil.rmtree(run / "output")
    finding = verify_run(run, signers)
    assert finding.verdict is Verdict.COMPLETE
    assert finding.notes == ["2 output files are not here any more: not checked"]


def test_a_run_moved_to_another_name_still_verifies(run: Path, tmp_path: Path, signers: Signers) -> None:
    """The directory's name is no part of what is signed: the run's own name is in its first record."""
    moved = run.rename(tmp_path / "elsewhere")
    assert verify_run(moved, signers).verdict is Verdict.COMPLETE


def test_a_seal_of_another_run_does_not_count(run: Path, signers: Signers) -> None:
    """A seal over the same bytes in the name of another run is bad."""
    bend(run, lambda data: data.replace(run.name.encode(), b"20261120T160000Z-other", 1))
    assert verify_run(run, signers).verdict is Verdict.CORRUPT
