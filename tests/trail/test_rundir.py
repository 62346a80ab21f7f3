"""Which run a name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.errors import UsageError
from gonogo.trail.rundir import find_run


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four runs, of which the first and the third are not over."""
    monkeypatch.setenv("GONOGO_RUNS", str(tmp_path))
    for number, name in enumerate(("1-nova", "2-nova", "3-glance", "4-cinder")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "audit.jsonl").touch()
        (tmp_path / name / "audit.jsonl").chmod(0o444 if number % 2 else 0o644)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [("last", "4-cinder"), ("open", "3-glance"), ("2-nova", "2-nova"), ("glance", "3-glance")],
)
def test_a_name_means_one_run(runs: Path, name: str, found: str) -> None:
    """The last one, the newest that is not over, its name, or a part of it."""
    assert find_run(name) == runs / found


def test_with_none_open_the_last_one_is_meant(runs: Path) -> None:
    """It says how it ended, which is what somebody who comes too late wants to know."""
    for run in runs.iterdir():
        (run / "audit.jsonl").chmod(0o444)
    assert find_run("open") == runs / "4-cinder"


@pytest.mark.parametrize(("name", "said"), [("nova", "more than one run"), ("heat", "there is no run")])
def test_a_name_that_means_no_single_run_is_refused(runs: Path, name: str, said: str) -> None:
    """With the names that it could mean, or where the names are listed."""
    with pytest.raises(UsageError, match=said):
        find_run(name)
