"""The shipped runbooks, really run on the lab from start to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Story:
    """A rehearsal: how many hosts there are, who is missing, and records of the story's incident."""

    name: str
    hosts: int
    missing: frozenset[str] = frozenset()
    incident: tuple[dict[str, object], ...] = ()


def failed(step: str, answer: str) -> dict[str, object]:
    """Return what the record of an answer to a failure holds."""
    return {"k": "gate.answer", "at": "failure", "step": step, "answer": answer}


def rang(monitor: str, was: str, level: str) -> dict[str, object]:
    """Return what the record of a monitor that changed holds."""
    return {"k": "monitor.change", "monitor": monitor, "was": was, "level": level}


def compared(number: int, step: str, how: str, passed: bool = True) -> dict[str, object]:
    """Return what the record of a test in a round holds."""
    return {"k": "test.result", "round": number, "step": step, "compared": how, "passed": passed}


STORIES = [
    Story("demo", 40),
    Story("openstack/nova-grizzly-to-havana", 127, frozenset({"c02-n023"})),
    Story(
        "openstack/cloud-grizzly-to-havana",
        20,
        frozenset({"login04"}),
        (failed("keystone-ec2", "retry-failed"), failed("clients", "leave-out")),
    ),
    Story(
        "openstack/cloud-juno-to-kilo",
        53,
        frozenset({"p017"}),
        (
            rang("keystone-load", "ok", "alarm"),
            rang("keystone-load", "alarm", "ok"),
            failed("keystone-load", "rollback"),
            failed("cinder-sync", "retry-failed"),
            {"k": "host.exit", "host": "qa02", "state": "failed"},
        ),
    ),
    Story("openstack/magnum-to-mitaka", 7, incident=(failed("create", "retry-failed"),)),
    Story(
        "openstack/kolla-ocata-to-queens",
        14,
        incident=(
            failed("galera-pike", "rollback"),
            compared(1, "plan-before", "first"),
            compared(2, "plan-before", "differs"),
            compared(3, "plan-before", "same"),
            compared(4, "galera-before", "same"),
        ),
    ),
    Story(
        "openstack/kayobe-ocata-to-pike",
        10,
        incident=(
            failed("docker", "retry-failed"),
            compared(1, "plan", "first"),
            compared(2, "plan", "same"),
            compared(3, "containers", "same"),
        ),
    ),
    Story("openstack/ovn-testbed", 6, incident=(failed("chassis", "retry-failed"),)),
]


def test_every_shipped_runbook_with_a_scenario_is_rehearsed() -> None:
    """None is added and forgotten."""
    found = {str(path.parent.relative_to(RUNBOOKS)) for path in RUNBOOKS.rglob("lab.yaml")}
    assert found == {story.name for story in STORIES}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_shipped_runbook_goes_through_on_the_lab(story: Story, tmp_path: Path) -> None:
    """With its own inventory, scenario and answers it meets its incident, ends with go, and verifies."""
    folder, runs = RUNBOOKS / story.name, tmp_path / "runs"
    lab = start(folder / "inventory.yaml", folder / "lab.yaml", tmp_path / "lab")
    try:
        assert lab.ready.hosts == story.hosts
        if not lab.ready.isolated and story.name != "demo":
            pytest.skip(f"this runbook names absolute paths, and {lab.ready.why}")
        answers = ("--answers", folder / "answers.yaml", "--yes", "--plain", "--pace", "step")
        done = gonogo("run", f"{folder}.md", "-i", lab.inventory, *answers, runs=runs)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr
        ran = [json.loads(line) for line in lab.journal.read_text().splitlines()]
    finally:
        lab.stop()
    reached = {line["host"] for line in ran}
    assert len(reached) == story.hosts - len(story.missing)
    assert not reached & story.missing
    (run,) = runs.iterdir()
    records = told(run)
    for wanted in story.incident:
        assert any(wanted == {key: one.get(key) for key in wanted} for one in records), wanted
    assert not [one for one in records if "none of its hosts" in str(one)]
    verified = gonogo("verify", run.name, runs=runs)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    if story.name == "openstack/magnum-to-mitaka":
        rates = [int(str(one["value"])) for one in records if one["k"] == "monitor.sample"]
        climb = rates[: rates.index(1790000) + 1]
        assert climb == sorted(climb)
        assert len(set(climb)) > 3


def told(run: Path) -> list[dict[str, object]]:
    """Return a run's records; an answer has also what is in the record of its question."""
    records: list[dict[str, object]] = [
        json.loads(line) for line in (run / "audit.jsonl").read_text().splitlines()
    ]
    asked = {one["gate"]: one for one in records if one["k"] == "gate.ask"}
    return [asked[one["gate"]] | one if one["k"] == "gate.answer" else one for one in records]


def test_the_havana_upgrade_has_all_twenty_five_steps() -> None:
    """The headings are numbered from 1 to 25, in order, with none left out."""
    text = (RUNBOOKS / "openstack" / "nova-grizzly-to-havana.md").read_text()
    numbers = [
        line.split(".")[0] for line in text.splitlines() if line.startswith("## ") and line[3].isdigit()
    ]
    assert numbers == [f"## {number}" for number in range(1, 26)]
