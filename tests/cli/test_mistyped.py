"""What is mistyped or missing is told with what was meant, or with what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Gonogo

RUNBOOK = """---
gonogo: 1
title: Small
inputs:
  - {name: window, default: "22:00"}
---
### One
```sh {id=one}
true
```
"""


@pytest.mark.parametrize(
    ("words", "what", "mend"),
    [
        (["rnu"], "there is no command 'rnu'", "Did you mean run?"),
        (["zzz"], "there is no command 'zzz'", "`gonogo --help` lists them."),
        (["replay"], "there is no run in", "`gonogo run FILE` starts one."),
        (["run", "small.md", "--input", "widow=1"], "the runbook has no input widow", "It has: window."),
        (["run", "small.md", "--answers", "none.yaml"], "none.yaml: No such file", "Name a file of answers."),
        (["run", "small.md", "--answers", "word.yaml"], "answer 1: 'goo' is none of go, no-go, ", ""),
        (["run", "small.md", "--answers", "gate.yaml"], "answer 1: 'fail' is none of start, ", ""),
        (
            ["run", "small.md", "--answers", "step.yaml"],
            "an answer is for 'ono', and the runbook",
            "Did you mean one?",
        ),
    ],
)
def test_it_says_what_was_meant(
    gonogo: Gonogo, tmp_path: Path, words: list[str], what: str, mend: str
) -> None:
    """Exit code 2, the mistake, and the way on."""
    (tmp_path / "small.md").write_text(RUNBOOK)
    for name, entry in (
        ("word", "{step: one, answer: goo}"),
        ("gate", "{step: one, at: fail, answer: go}"),
        ("step", "{step: ono, answer: go}"),
    ):
        (tmp_path / f"{name}.yaml").write_text(f"gonogo-answers: 1\nanswers: [{entry}]\n")
    done = gonogo(*words)
    assert done.returncode == 2
    assert what in done.stderr
    assert mend in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "runs").glob("*"))


def test_a_command_without_a_runbook_promises_none(gonogo: Gonogo) -> None:
    """`exec` has no runbook whose inventory could be taken."""
    assert "runbook's own" not in gonogo("exec", "--help").stdout
    assert "runbook's own" in " ".join(gonogo("run", "--help").stdout.split())


def test_a_run_is_not_compared_with_itself_by_oversight(gonogo: Gonogo, tmp_path: Path) -> None:
    """The other run is the last one when it is not named; who names the last one is asked for the other."""
    (tmp_path / "small.md").write_text(RUNBOOK)
    assert gonogo("run", "small.md", "--yes").returncode == 0
    done = gonogo("compare", "last")
    assert done.returncode == 2
    assert "is the last run itself" in done.stderr
    assert "Name B, too" in done.stderr
