"""docs/example: runs that are committed verify, replay and report in any checkout."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gonogo.report.collect import read_summary
from gonogo.report.forms import cast
from gonogo.report.forms import json as as_json
from gonogo.trail.signers import load_signers
from gonogo.trail.verify import verify_run


@pytest.fixture
def example(root: Path) -> Path:
    """The folder."""
    return root / "docs" / "example"


def test_the_committed_runs_verify_with_the_committed_signers(example: Path) -> None:
    """Complete, sealed to the end, by the one who is allowed to."""
    signers = load_signers(example / "allowed_signers")
    runs = sorted((example / "runs").iterdir())
    for run in runs:
        finding = verify_run(run, signers)
        assert (finding.verdict, finding.notes, finding.signed.sealed) == ("complete", [], finding.ended)
        assert list(finding.signed.keys.values()) == [("alice@example.org",)]
    assert len(runs) == 2


@pytest.mark.parametrize("autocrlf", ["true", "false"])
def test_a_clone_on_a_machine_that_rewrites_line_ends_verifies(
    example: Path, tmp_path: Path, autocrlf: str
) -> None:
    """A run's own attributes keep git from changing a byte."""
    git = ["git", "-c", f"core.autocrlf={autocrlf}", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    work, clone = tmp_path / "work", tmp_path / "clone"
    subprocess.run(["cp", "-r", example, work], check=True)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "runs"]):
        subprocess.run([*git, "-C", str(work), *words], check=True)
    subprocess.run([*git, "clone", "-q", str(work), str(clone)], check=True)
    for run in (clone / "runs").iterdir():
        assert verify_run(run).verdict == "complete"


def test_its_reports_tell_the_runs_that_lie_beside_them(example: Path) -> None:
    """Run, outage and failure are those of the record."""
    _, evening = sorted((example / "runs").iterdir())
    summary = read_summary(evening)
    (outage,) = summary.outages
    assert outage.service == "nova-api"
    assert [group.hosts for step in summary.steps for one in step.attempts for group in one.failed] == [
        ("cp4",)
    ]
    for name in ("report.md", "report.html"):
        page = (example / name).read_text()
        assert summary.run in page
        assert "nova-api" in page
    assert summary.run in (example / "comparison.md").read_text()
    assert json.loads("".join(as_json.render(summary)))["run"] == summary.run
    assert (
        "".join(cast.render(evening)).splitlines()[0] == (example / "report.cast").read_text().splitlines()[0]
    )
