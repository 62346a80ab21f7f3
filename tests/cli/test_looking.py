"""Monitors and the test plan, as a user runs them: over SSH, told beforehand, answered, compared, reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonogo.executors.lab import Lab

from .conftest import Gonogo

RUNBOOK = """---
gonogo: 1
title: Looked at
monitors:
  - name: hosts
    hosts: web
    run: cat /proc/loadavg
    every: 1s
    combine: sum
    unit: load
    alarm-above: 100000
  - name: down
    hosts: web
    run: test "$(uname -n)" != web3
    value: failing
---

## Work

```sh {hosts=web as=root id=work no-rollback=x}
echo changed > /root/page; sleep 1
```

## Tests <!-- gonogo: test hosts=web as=root -->

### The page

```sh {read-only id=page}
cat /root/page 2>/dev/null || echo none
```
"""
ANSWERS = """gonogo-answers: 1
answers:
  - {at: start, answer: go}
  - {step: work, at: go, answer: go, test: true}
  - {at: end, answer: go, test: true}
"""


@pytest.fixture(autouse=True)
def _document(tmp_path: Path) -> None:
    (tmp_path / "looked.md").write_text(RUNBOOK)
    (tmp_path / "answers.yaml").write_text(ANSWERS)


def test_a_run_is_looked_at_and_tested_over_ssh(gonogo: Gonogo, lab: Lab) -> None:
    """Everything is told before the start; samples come from hosts; the rounds differ by what was changed."""
    plan = gonogo("show", "looked.md", "--plan", "-i", lab.inventory).stdout
    assert (
        "monitor hosts runs every 1s on 6 hosts, web[1-6]: cat /proc/loadavg; alarm above 100,000 load"
        in plan
    )
    assert "test plan, at any gate: The page" in plan
    done = gonogo("run", "looked.md", "-i", lab.inventory, "--answers", "answers.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok, differs: The page\n               web[1-6]: -none, +changed\n" in done.stdout
    assert "tests, round 2: the only one passes; 1 differs: The page; 0 the same as in round 1" in done.stdout
    records = [json.loads(line) for line in gonogo("replay", "last", "--json").stdout.splitlines()]
    samples = {one["monitor"]: one for one in records if one["k"] == "monitor.sample"}
    assert float(samples["hosts"]["value"]) >= 0
    assert samples["hosts"]["level"] == "ok"
    assert samples["down"]["level"] in ("ok", "warn")
    assert gonogo("verify", "last").returncode == 0


def test_an_earlier_run_is_compared_with(gonogo: Gonogo, lab: Lab) -> None:
    """Its first round is the baseline, and hosts that changed since then differ from the first look on."""
    words = ("run", "looked.md", "-i", lab.inventory, "--answers", "answers.yaml")
    first = gonogo(*words)
    assert first.returncode == 0, first.stderr
    second = gonogo(*words, "--baseline", "last")
    assert second.returncode == 0, second.stderr
    assert second.stdout.count("ok, differs: The page") == 2


def test_what_cannot_be_a_baseline_is_refused(gonogo: Gonogo, lab: Lab, tmp_path: Path) -> None:
    """A run without a round, one without these tests, or a runbook without any: nothing is started."""
    (tmp_path / "plain.md").write_text("---\ngonogo: 1\n---\n\n```sh {read-only}\ntrue\n```\n")
    assert gonogo("run", "plain.md", "--yes").returncode == 0
    refused = gonogo("run", "looked.md", "-i", lab.inventory, "--yes", "--baseline", "last")
    assert refused.returncode == 2
    assert "has no complete round of tests" in refused.stderr
    refused = gonogo("run", "plain.md", "--yes", "--baseline", "last")
    assert "the runbook has no test plan" in refused.stderr
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_show_has_monitors_and_tests(gonogo: Gonogo, tmp_path: Path) -> None:
    """For people and for machines, with every number that was written."""
    found = json.loads(gonogo("show", "looked.md", "--json").stdout)
    assert found["test_plan"] == ["page"]
    (hosts, down) = found["monitors"]
    assert (hosts["name"], hosts["every"], hosts["combine"], hosts["unit"]) == ("hosts", 1.0, "sum", "load")
    assert (hosts["limits"], down["limits"]) == ({"alarm_above": 100000.0}, {})
    assert [step.get("test", False) for step in found["steps"]] == [False, True]
    told = gonogo("show", "looked.md").stdout
    assert "every 1s on web; combine sum, unit load, alarm-above 100000" in told
