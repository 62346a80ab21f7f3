"""The golden corpus: what was once written is read for ever, with the same verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.cli.verify import command
from gonogo.run.client import new_state
from gonogo.trail.reader import Reading
from gonogo.trail.signers import load_signers
from gonogo.trail.verify import verify_run

CORPUS = Path(__file__).parents[1] / "data" / "trails"
CASES = [
    (folder / name, verdict)
    for folder in sorted(CORPUS.glob("v*"))
    for name, verdict in json.loads((folder / "expected.json").read_text()).items()
]
EXIT = {"complete": 0, "open": 3}


@pytest.mark.parametrize(("run", "verdict"), CASES, ids=lambda value: getattr(value, "name", value))
def test_each_has_its_verdict(run: Path, verdict: str) -> None:
    """A run directory of any version has the verdict that was promised when it was made."""
    finding = verify_run(run, load_signers(run.parent / "allowed_signers"))
    assert finding.verdict == verdict, finding.why
    done = CliRunner().invoke(
        command, [str(run), "--json", "--allowed-signers", str(run.parent / "allowed_signers")]
    )
    assert done.exit_code == EXIT.get(verdict, 4)
    assert json.loads(done.stdout)["verdict"] == verdict


def test_a_folder_of_runs_has_the_worst_ones_code() -> None:
    """All runs of a folder are told, also behind a bad one; the exit code is the worst one's."""
    done = CliRunner().invoke(command, [str(CORPUS / "v1")])
    assert done.exit_code == 4
    told = [line.split(": ")[1] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert told == sorted(run.name for run, _ in CASES)


def test_damage_is_located() -> None:
    """A corrupt trail is told with the byte and the record where it begins, and seals up to there."""
    finding = verify_run(CORPUS / "v1" / "lost-line", load_signers(CORPUS / "v1" / "allowed_signers"))
    lines = (CORPUS / "v1" / "lost-line" / "audit.jsonl").read_bytes().splitlines(keepends=True)
    assert f"at byte {len(b''.join(lines[:16]))} (record 16)" in finding.why
    assert finding.signed.sealed == 13


@pytest.mark.parametrize("name", ["complete", "future-kind", "unsealed", "pruned-output"])
def test_each_whole_one_folds_to_its_result(name: str) -> None:
    """What replay, reports and screens show of an old run is what it was."""
    run = CORPUS / "v1" / name
    state = new_state(run)
    for record in Reading(run / "audit.jsonl").records():
        state.apply(record)
    assert state.result == "go"
    assert [turn.result for turn in state.turns] == ["ok", "ok"]
    assert [one.by for one in state.decisions][-1] == "ann@desk"
