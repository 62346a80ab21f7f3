"""`gonogo approve` against a run that waits for a second person."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gonogo.cli.approve import command
from gonogo.errors import GonogoError, RunError, UsageError
from gonogo.run.conductor import Conductor
from gonogo.run.state import Answer, At
from gonogo.trail.reader import Verdict
from gonogo.trail.seal import Sealer
from gonogo.trail.signers import load_signers
from gonogo.trail.verify import verify_run
from tests.run.serving import serving

from .people import Party
from .runs import Echo, golden_plan


@dataclass(slots=True)
class Waiting:
    """A run that Ann drives and that waits for Bob, and the work of driving it."""

    run: Path
    conductor: Conductor
    work: asyncio.Task[None]
    party: Party

    async def approve(self, *words: str | Path, text: bytes = b"") -> Result:
        """Call the command as another process would."""
        given = [str(self.run), *map(str, words)]
        return await asyncio.to_thread(CliRunner().invoke, command, given, input=text)

    async def refused(self, *words: str | Path) -> str:
        """Call the command and return the error that it raises."""
        done = await self.approve(*words)
        assert isinstance(done.exception, GonogoError), done.output
        return str(done.exception)


@pytest.fixture
async def waiting(party: Party, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Waiting]:
    """A run at its approval gate, served on its socket."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    run, plan, signers = tmp_path / "20261120T160000Z-move", golden_plan(), load_signers(party.signers)
    digest = hashlib.sha256(plan.dump()).hexdigest()
    sealer = Sealer(run.name, party.ann)
    async with serving(run, plan, Echo(), sealer, signers, plan=digest, sources=[]) as one:
        state = one.conductor.state
        while state.gate is None or state.gate.at is not At.APPROVE:
            if state.gate is not None:
                await one.conductor.answer(state.gate.number, Answer.GO, "ann@desk")
            await asyncio.sleep(0)
        await one.trail.commit()
        yield Waiting(run, one.conductor, one.work, party)


async def test_a_second_person_approves_and_the_run_goes_on(waiting: Waiting) -> None:
    """Bob sees what will run and where, signs it, and then the operator can say go."""
    done = await waiting.approve("--key", waiting.party.folder / "bob", "--yes")
    assert done.exit_code == 0, done.output
    for line in ("step:     Switch  [switch]", "hosts:    3: h[0-2]", "  | run switch"):
        assert line in done.output.splitlines()
    assert done.output.endswith("taken: 1 of 1 approvals are there\n")
    gate = waiting.conductor.state.gate
    if gate is not None:
        await waiting.conductor.answer(gate.number, Answer.GO, "ann@desk")
    await waiting.work
    finding = verify_run(waiting.run, load_signers(waiting.party.signers))
    assert (finding.verdict, finding.signed.approvals) == (Verdict.COMPLETE, 1)


async def test_whose_signature_does_not_count_hears_why(waiting: Waiting) -> None:
    """The operator, a stranger, and a person who has approved already are refused by name."""
    folder = waiting.party.folder
    assert "drives this run" in await waiting.refused("--key", folder / "ann", "--yes")
    assert "may approve" in await waiting.refused("--key", folder / "eve", "--yes")
    assert not waiting.conductor.state.approvals


async def test_a_signature_made_elsewhere_is_handed_in(
    waiting: Waiting, tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """What --print writes is signed by stock ssh-keygen, and the file handed in with --signature."""
    printed = await waiting.approve("--print")
    assert printed.stdout.startswith(f"gonogo-approve/1\n{waiting.run.name}\nswitch\n")
    assert "run switch" in printed.stderr
    file = tmp_path / "statement"
    file.write_text(printed.stdout)
    words = [need("ssh-keygen", "openssh-client"), "-q", "-Y", "sign", "-n", "approve@gonogo"]
    await asyncio.to_thread(
        subprocess.run, [*words, "-f", str(waiting.party.folder / "bob"), str(file)], check=True
    )
    done = await waiting.approve("--signature", f"{file}.sig")
    assert done.output.endswith("taken: 1 of 1 approvals are there\n")


async def test_what_is_no_signature_is_refused(waiting: Waiting, tmp_path: Path) -> None:
    """Empty, binary and endless files, and a signature of something else, are refused."""
    file = tmp_path / "bad.sig"
    other = await waiting.party.bob.sign("approve@gonogo", b"something else")
    for content in (b"", b"\xff\0", b"A" * 100_000, other.encode()):
        file.write_bytes(content)
        said = await waiting.refused("--signature", file)
        assert "signature" in said
    assert "exclude each other" in await waiting.refused("--print", "--signature", file)


async def test_nothing_is_signed_without_a_yes(waiting: Waiting) -> None:
    """Where nobody can be asked, --yes has to say it."""
    done = await waiting.approve("--key", waiting.party.folder / "bob")
    assert isinstance(done.exception, UsageError)
    assert not waiting.conductor.state.approvals


async def test_a_plan_that_differs_is_not_signed(waiting: Waiting) -> None:
    """Where the plan on disk is not the one that the gate asks about, the approver is warned, not asked."""
    plan = waiting.run / "runbook" / "plan.json"
    plan.write_bytes(plan.read_bytes().replace(b"run switch", b"rm -rf all"))
    said = await waiting.refused("--key", waiting.party.folder / "bob", "--yes")
    assert "something else than its plan holds" in said


async def test_a_run_that_asks_for_nothing_says_so(run: Path) -> None:
    """A run that is over, or waits for something else, takes no approval."""
    done = await asyncio.to_thread(CliRunner().invoke, command, [str(run)])
    assert isinstance(done.exception, RunError)
    assert "asks for no approval now" in str(done.exception)
