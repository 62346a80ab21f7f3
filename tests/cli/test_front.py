"""A run that is over before anybody could look on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.cli.answers import Answers
from gonogo.cli.front import show

OVER = Path(__file__).parents[1] / "data" / "runs" / "sealed"


@pytest.mark.parametrize("begun", [True, False])
def test_a_run_that_was_begun_is_told_whole_however_soon_it_ended(
    capsys: pytest.CaptureFixture[str], begun: bool
) -> None:
    """Its output is not lost to who started it; who comes late only hears how it ended."""
    show(OVER, Answers(), plain=True, begun=begun)
    told = capsys.readouterr().out
    assert ("is over" in told) is not begun
    assert ("START?" in told) is begun
