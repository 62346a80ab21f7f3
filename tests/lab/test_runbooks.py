"""The shipped runbooks, really run on the lab from start to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.executors.lab import start

RUNBOOKS = Path(__file__).parents[2] / "runbooks"


def gonogo(*words: object, runs: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "gonogo", *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GONOGO_RUNS": str(runs)},
    )


@pytest.mark.parametrize("name", sorted(str(path.relative_to(RUNBOOKS)) for path in RUNBOOKS.rglob("*.md")))
def test_a_shipped_runbook_has_no_mistakes(name: str, tmp_path: Path) -> None:
    """`gonogo check` finds nothing to say, not even a warning."""
    done = gonogo("check", "--strict", RUNBOOKS / name, runs=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize(
    ("name", "hosts", "missing"),
    [
        ("demo", 40, set()),
        ("openstack/nova-grizzly-to-havana", 127, {"c02-n023"}),
        ("openstack/cloud-grizzly-to-havana", 20, {"login04"}),
        ("openstack/cloud-juno-to-kilo", 53, {"p017"}),
        ("openstack/magnum-to-mitaka", 7, set()),
        ("openstack/kolla-ocata-to-queens", 14, set()),
        ("openstack/kayobe-ocata-to-pike", 10, set()),
        ("openstack/ovn-testbed", 6, set()),
    ],
)
def test_a_shipped_runbook_goes_through_on_the_lab(
    name: str, hosts: int, missing: set[str], tmp_path: Path
) -> None:
    """With its own inventory, scenario and answers it ends with go, and its trail verifies."""
    folder, runs = RUNBOOKS / name, tmp_path / "runs"
    lab = start(folder / "inventory.yaml", folder / "lab.yaml", tmp_path / "lab")
    try:
        assert lab.ready.hosts == hosts
        if not lab.ready.isolated and name != "demo":
            pytest.skip(f"this runbook names absolute paths, and {lab.ready.why}")
        answers = ("--answers", folder / "answers.yaml", "--yes", "--plain", "--pace", "flow")
        done = gonogo("run", f"{folder}.md", "-i", lab.inventory, *answers, runs=runs)
        ran = [json.loads(line) for line in lab.journal.read_text().splitlines()]
    finally:
        lab.stop()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    reached = {line["host"] for line in ran}
    assert len(reached) == hosts - len(missing)
    assert not reached & missing
    verified = gonogo("verify", next(runs.iterdir()).name, runs=runs)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_havana_upgrade_has_all_twenty_five_steps() -> None:
    """The headings are numbered from 1 to 25, in order, with none left out."""
    text = (RUNBOOKS / "openstack" / "nova-grizzly-to-havana.md").read_text()
    numbers = [
        line.split(".")[0] for line in text.splitlines() if line.startswith("## ") and line[3].isdigit()
    ]
    assert numbers == [f"## {number}" for number in range(1, 26)]
