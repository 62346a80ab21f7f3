"""All output of a run in lines: groups of identical output, each read once from the run's own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.report import printed
from gonogo.run.state import HostState, RunState
from gonogo.trail.output import LIMIT, OutputWriter, output_path

from .made import plan_of, step_of


class Printed:
    """A step on hosts whose output is written by the test."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.run = folder
        self.state = RunState.of(plan_of(step_of("seq", names)))
        self._writer = OutputWriter(output_path(folder, 0, 1))

    def ended(self, name: str, out: bytes = b"", state: HostState = HostState.OK, why: str = "") -> None:
        """Have a host end with what it printed."""
        self._writer.write(0, name, "o", out)
        summary = self._writer.finish(0, name)
        host = self.state.turns[0].hosts[name]
        host.state, host.why, host.attempt = state, why, 1
        host.output, host.out_bytes, host.err_bytes = summary.digest, summary.out, summary.err

    def told(self) -> list[str]:
        """Return the groups as they are told at the end."""
        self._writer.close()
        return list(printed.whole(self.run, self.state))


def test_groups_are_told_whole_the_largest_first(tmp_path: Path) -> None:
    """Each with its hosts folded, how many they are, and how they stand when that is not well."""
    made = Printed(tmp_path, "a1", "a2", "a3", "a4", "a5")
    made.ended("a2", b"odd\n", HostState.FAILED, "exit code 3")
    for name in ("a1", "a3"):
        made.ended(name, b"one\n\ntwo")
    made.ended("a4")
    assert made.told() == [
        "a[1,3] (2):\n  | one\n  | \n  | two",
        "a2 (1): failed: exit code 3\n  | odd",
        "a4 (1): printed nothing",
        "a5 (1): pending",
    ]


def test_what_is_not_kept_is_counted(tmp_path: Path) -> None:
    """The head says how much is left out of the middle; what a host prints cannot write that line."""
    made = Printed(tmp_path, "a1")
    made.ended("a1", b"first\n" + b"x" * 2 * LIMIT + b"\nlast\na2 (1): failed\n")
    (told,) = made.told()
    head, *lines = told.splitlines()
    assert head == f"a1 (1): {LIMIT + 27:,} bytes of its output are not kept"
    assert lines[0] == "  | first"
    assert lines[-2:] == ["  | last", "  | a2 (1): failed"]


def test_output_passes_the_one_door(tmp_path: Path) -> None:
    """Escapes, and bytes that are no UTF-8, are made visible in output and in reasons."""
    made = Printed(tmp_path, "a1")
    made.ended("a1", b"\x1b]0;t\x07\xff\r\n", HostState.FAILED, "\x1b[2J\nwhy")
    assert made.told() == ["a1 (1): failed: ^[[2J^Jwhy\n  | ^[]0;t^G\\xff"]


def test_reasons_of_one_kind_are_one_group(tmp_path: Path) -> None:
    """What stands behind the colon tells of one host: it is left out where hosts differ in it."""
    made = Printed(tmp_path, "a1", "a2", "b1")
    for name in ("a1", "a2"):
        made.ended(name, b"", HostState.UNREACHABLE, f"connection refused: port of {name}")
    made.ended("b1", b"", HostState.UNREACHABLE, "login refused: no key")
    assert made.told() == [
        "a[1-2] (2): unreachable: connection refused",
        "b1 (1): unreachable: login refused: no key",
    ]


def test_more_than_is_held_at_once_is_read_in_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded however much hosts printed; the order stays."""
    monkeypatch.setattr(printed, "AT_ONCE", 10)
    made = Printed(tmp_path, "a1", "a2", "a3", "a4")
    for number in range(1, 5):
        made.ended(f"a{number}", b"%d" % number * 4)
    assert [text.splitlines()[1] for text in made.told()] == ["  | 1111", "  | 2222", "  | 3333", "  | 4444"]


def test_output_that_is_gone_or_of_another_attempt_is_not_made_up(tmp_path: Path) -> None:
    """A pruned file is told as such; of a host that is still out nothing is told."""
    made = Printed(tmp_path, "a1", "a2")
    made.ended("a1", b"old")
    made.ended("a2", b"old", HostState.UNKNOWN, "the process died")
    output_path(tmp_path, 0, 1).unlink()
    assert made.told() == ["a1 (1): its output is not there", "a2 (1): unknown: the process died"]
