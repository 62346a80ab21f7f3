"""`gonogo show --plan`: hosts, batches, and what earlier runs of the same runbook took."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gonogo.errors import GonogoError
from tests.cli.test_report import gonogo
from tests.report.made import SECOND, Made, plan_of, step_of

RUNBOOK = """---
gonogo: 1
title: Restart
inventory: hosts.ini
---

## Stop

```sh {id=stop hosts=web batch=1,2}
true
```

## Start

```sh {id=start hosts=web}
true
```
"""


@pytest.fixture
def runbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runbook on three hosts."""
    monkeypatch.setenv("GONOGO_RUNS", str(tmp_path / "state"))
    (tmp_path / "hosts.ini").write_text("[web]\nweb[1:3]\n")
    (tmp_path / "restart.md").write_text(RUNBOOK)
    return tmp_path / "restart.md"


def past(runbook: Path, folder: str, hour: int, seconds: int, of: str = "") -> None:
    """Put a run of the runbook into a folder, whose two batches took so long."""
    stop = step_of("stop", ["web1", "web2"], batches=2)
    made = Made(runbook.parent / folder, plan_of(stop), hour=hour, runbook=of or str(runbook))
    for turn in (0, 1):
        made.round(turn, after=seconds * SECOND)
        made.end(turn)
    made.close()


def test_without_earlier_runs_a_plan_says_so(runbook: Path) -> None:
    """It still names hosts and batches."""
    said = gonogo("show", "--plan", runbook).output
    assert "on 3 hosts, web[1-3]" in said
    assert "batch 2: 2 hosts, web[2-3]" in said
    assert "no earlier run of this runbook is known" in said


def test_earlier_runs_give_a_range_and_their_number(runbook: Path) -> None:
    """The operator's own runs and those committed beside the runbook count, each once."""
    past(runbook, "state", 10, 9)
    past(runbook, "state", 12, 19)
    past(runbook, "runs", 12, 19)
    past(runbook, "runs", 14, 29)
    past(runbook, "state", 16, 99, of="/srv/other.md")
    said = gonogo("show", "--plan", runbook).output
    assert "took 20 s to 1 min 00 s, usually 40 s (3 runs)" in said
    assert "batch 1: web1, took 10 s to 30 s, usually 20 s (3 runs)" in said
    assert "work on hosts in 3 earlier runs" in said
    assert "1 step not done in any of them" in said
    found = json.loads(gonogo("show", "--plan", "--json", runbook).stdout)
    assert (found["runs"], found["steps"][0]["expected"]["usual"]) == (3, 40.0)
    assert found["steps"][1]["expected"] is None


def test_a_clone_elsewhere_is_the_same_runbook(runbook: Path) -> None:
    """Repository and path within it count, wherever the checkout lies."""
    from gonogo.report.history import Origin

    git = {"repository": "https://git.example/ops", "path": "restart.md"}
    one, two = (Origin.of({"runbook": path, "git": git}) for path in ("/a/restart.md", "/b/restart.md"))
    assert one.same(two)
    other = Origin.of({"runbook": "/a/restart.md", "git": git | {"path": "stop.md"}})
    assert not one.same(other)
    assert not Origin.of({}).same(Origin.of({}))


def test_the_same_text_is_the_same_runbook(runbook: Path, root: Path) -> None:
    """The example's runs were made elsewhere, and tell of the runbook beside them."""
    said = gonogo("show", "--plan", root / "docs" / "example" / "update.md").stdout
    assert "work on hosts in 2 earlier runs" in said


def test_damaged_runs_teach_nothing(runbook: Path) -> None:
    """They are passed over."""
    past(runbook, "state", 10, 9)
    (trail,) = (runbook.parent / "state").glob("*/audit.jsonl")
    trail.write_bytes(b"\0" * 100)
    (runbook.parent / "runs").write_text("no folder")
    assert "no earlier run" in gonogo("show", "--plan", runbook).output


def test_a_plan_has_one_form(runbook: Path) -> None:
    """It is no runbook."""
    found = gonogo("show", "--plan", "--to", "md", runbook, fails=True).exception
    assert isinstance(found, GonogoError)
