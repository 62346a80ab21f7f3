"""A runbook that is edited while its run waits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .conftest import Gonogo

BEFORE = """---
gonogo: 1
title: Edited
---

```sh {id=one}
echo one >> journal
```

```sh {id=two}
echo two >> journal
```

```sh {id=three}
echo three >> journal
```
"""


def _first_step_done(gonogo: Gonogo, tmp_path: Path) -> None:
    (tmp_path / "e.md").write_text(BEFORE.replace("journal", str(tmp_path / "journal")))
    (tmp_path / "a.yaml").write_text("gonogo-answers: 1\nanswers: [{step: one, answer: go}]\n")
    assert gonogo("run", "e.md", "--answers", "a.yaml").returncode == 3


def _edit(tmp_path: Path, old: str, new: str) -> None:
    text = (tmp_path / "e.md").read_text()
    assert old in text
    (tmp_path / "e.md").write_text(text.replace(old, new))


def _records(tmp_path: Path) -> list[dict[str, Any]]:
    (trail,) = (tmp_path / "runs").glob("*/audit.jsonl")
    return [json.loads(line) for line in trail.read_bytes().splitlines()]


def test_the_difference_is_shown_and_the_run_keeps_to_what_it_read(gonogo: Gonogo, tmp_path: Path) -> None:
    """Nobody is there to choose: the old text is what goes on, and the difference is printed."""
    _first_step_done(gonogo, tmp_path)
    _edit(tmp_path, "echo two", "echo zwei")
    done = gonogo("resume", "last", "--yes")
    assert done.returncode == 0
    assert "changed: two" in done.stderr
    assert "+echo zwei" in done.stderr
    assert (tmp_path / "journal").read_text().split() == ["one", "two", "three"]


def test_done_steps_stay_done_under_the_new_text(gonogo: Gonogo, tmp_path: Path) -> None:
    """With --edited take, changed and new steps run and what was done is not run again; all is recorded."""
    _first_step_done(gonogo, tmp_path)
    _edit(tmp_path, "echo two", "echo zwei")
    _edit(tmp_path, "```sh {id=three}", "```sh {id=new}\ntrue\n```\n\n```sh {id=three}")
    done = gonogo("resume", "last", "--yes", "--edited", "take")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "journal").read_text().split() == ["one", "zwei", "three"]
    (change,) = [record for record in _records(tmp_path) if record["k"] == "plan.change"]
    assert "+echo zwei" in change["diff"]
    verified = gonogo("verify", "last")
    assert verified.returncode == 0
    assert "no part of the trail" not in verified.stdout


def test_a_step_that_was_done_and_changed_asks_before_it_runs_again(gonogo: Gonogo, tmp_path: Path) -> None:
    """--yes does not run a changed step on what its old text did already: a person has to say so."""
    _first_step_done(gonogo, tmp_path)
    _edit(tmp_path, "echo one", "echo eins")
    waits = gonogo("resume", "last", "--yes", "--edited", "take")
    assert waits.returncode == 3
    assert "it was done before" in waits.stdout
    assert (tmp_path / "journal").read_text().split() == ["one"]


def test_an_edited_runbook_with_mistakes_changes_nothing(gonogo: Gonogo, tmp_path: Path) -> None:
    """A broken edit is told; the run goes on with what it has, and `take` is refused."""
    _first_step_done(gonogo, tmp_path)
    _edit(tmp_path, "{id=two}", "{id=two batch=0}")
    refused = gonogo("resume", "last", "--edited", "take")
    assert refused.returncode == 2
    assert "batch" in refused.stderr
    done = gonogo("resume", "last", "--yes")
    assert done.returncode == 0
    assert "cannot be gone on with" in done.stderr


def test_nothing_to_take_is_said(gonogo: Gonogo, tmp_path: Path) -> None:
    """--edited take without an edit is refused; a plain resume says nothing about it."""
    _first_step_done(gonogo, tmp_path)
    assert "nothing was edited" in gonogo("resume", "last", "--edited", "take").stderr
    quiet = gonogo("resume", "last", "--yes")
    assert quiet.returncode == 0
    assert "edited" not in quiet.stderr
