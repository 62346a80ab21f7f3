"""What nobody saw coming."""

from __future__ import annotations

import sys

import pytest

from gonogo.cli import _COMMANDS, main


def test_a_defect_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback in the operator's face: what, where and how to see more, with an exit code of its own."""
    monkeypatch.setitem(_COMMANDS, "tests.nothing", "A command that is not there.")
    monkeypatch.setattr(sys, "argv", ["gonogo", "tests.nothing"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 70
    said = capsys.readouterr().err
    assert "a defect of gonogo's own: ModuleNotFoundError" in said
    assert "GONOGO_DEBUG=1" in said
    assert "Traceback" not in said
