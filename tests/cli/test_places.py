"""Where runs are kept: a place that cannot be trusted is refused before anything starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Gonogo

RUNBOOK = """---
gonogo: 1
title: Marks
---

```sh {id=mark}
touch MARK
```
"""


def _link(runs: Path) -> None:
    (runs.parent / "elsewhere").mkdir()
    runs.symlink_to("elsewhere")


def _open(runs: Path) -> None:
    runs.mkdir()
    runs.chmod(0o777)


def _others(runs: Path) -> None:
    runs.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    os.chown(runs, 65534, 65534)


def _file(runs: Path) -> None:
    runs.write_text("")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_link, "symbolic link"),
        (_open, "anybody can write there"),
        (_others, "belongs to somebody else"),
        (_file, "File exists"),
    ],
)
def test_a_place_that_proves_nothing_is_refused(
    gonogo: Gonogo, tmp_path: Path, make: Callable[[Path], None], said: str
) -> None:
    """Exit code 4 with the mend, and no command has run."""
    make(tmp_path / "runs")
    (tmp_path / "m.md").write_text(RUNBOOK.replace("MARK", str(tmp_path / "mark")))
    refused = gonogo("run", "m.md", "--yes")
    assert refused.returncode == 4
    assert said in refused.stderr
    assert "GONOGO_RUNS=DIR" in refused.stderr
    assert not (tmp_path / "mark").exists()


def test_a_run_that_was_replaced_by_a_link_is_not_gone_on_with(gonogo: Gonogo, tmp_path: Path) -> None:
    """A run directory that leads elsewhere since is refused at resume."""
    (tmp_path / "m.md").write_text(RUNBOOK.replace("MARK", str(tmp_path / "mark")))
    assert gonogo("run", "m.md").returncode == 3
    (run,) = (tmp_path / "runs").iterdir()
    run.rename(tmp_path / "moved")
    run.symlink_to(tmp_path / "moved")
    refused = gonogo("resume", "last", "--yes")
    assert refused.returncode == 4
    assert "symbolic link" in refused.stderr
    assert not (tmp_path / "mark").exists()
