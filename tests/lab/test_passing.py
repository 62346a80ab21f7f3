"""A passing lab leaves nothing behind, whichever way it comes to its end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.errors import ExecutorError
from gonogo.executors.lab import Lab, start

PATIENCE = 30


def _leash_cut(lab: Lab) -> None:
    """Do what the death of the process that started it does, however violent."""
    assert lab.process.stdin is not None
    lab.process.stdin.close()


def _ended_later(lab: Lab) -> None:
    lab.release()
    os.kill(lab.pid, signal.SIGTERM)


def _terminal_gone(lab: Lab) -> None:
    os.kill(lab.pid, signal.SIGHUP)


@pytest.mark.parametrize("end", [Lab.stop, _leash_cut, _ended_later, _terminal_gone])
def test_nothing_is_left_of_a_passing_lab(tmp_path: Path, end: Callable[[Lab], None]) -> None:
    """Its whole folder goes with it, the journal too."""
    (tmp_path / "hosts.ini").write_text("one\n")
    lab = start(tmp_path / "hosts.ini", None, tmp_path / "lab", isolated=False, passing=True)
    assert lab.inventory.is_file()
    lab.journal.touch()
    end(lab)
    lab.process.wait(PATIENCE)
    assert not (tmp_path / "lab").exists()
    lab.stop()


def test_nothing_is_left_of_one_that_does_not_start(tmp_path: Path) -> None:
    """A folder that cannot serve goes, too."""
    (tmp_path / "hosts.ini").write_text("one\n")
    folder = tmp_path / "a lab"
    folder.mkdir()
    with pytest.raises(ExecutorError, match="ssh_config"):
        start(tmp_path / "hosts.ini", None, folder, passing=True)
    assert not folder.exists()


def test_nothing_is_left_of_one_whose_inventory_cannot_be_read(tmp_path: Path) -> None:
    """It ends before it has looked at its folder."""
    (tmp_path / "hosts.yaml").write_text("all: [")
    folder = tmp_path / "lab"
    folder.mkdir()
    with pytest.raises(ExecutorError, match="the lab did not start"):
        start(tmp_path / "hosts.yaml", None, folder, passing=True)
    assert not folder.exists()
