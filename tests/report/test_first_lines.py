"""The first lines of an output in a story: what is not told is counted truly; where it is is said once."""

from __future__ import annotations

import pytest

from gonogo.report.outputs import first_lines, grouped, unkept
from gonogo.report.story import Story
from gonogo.run.state import HostRun, HostState, RunState

from .made import plan_of, step_of


@pytest.mark.parametrize(
    ("excerpt", "lines", "told"),
    [
        ("a\nb", 0, ["  | a", "  | b"]),
        ("a\nb\nc\nd", 0, ["  | a", "  | b", "  | … 2 more lines"]),
        ("a\nb\nc\nd…", 10_000, ["  | a", "  | b", "  | … 9,998 more lines"]),
        ("1,2,3…", 1, ["  | 1,2,3…"]),
        ("1,2,3…", 2, ["  | 1,2,3…", "  | … 1 more line"]),
        ("a\n…", 2, ["  | a", "  | … 1 more line"]),
        ("a\n…", 0, ["  | a", "  | …"]),
        ("", 0, []),
    ],
)
def test_lines_that_are_not_told_are_counted(excerpt: str, lines: int, told: list[str]) -> None:
    """By what the host printed, not by what the record holds of it; a line that is cut says so."""
    assert first_lines(excerpt, lines, 2) == told


def test_a_group_counts_its_own_lines() -> None:
    """Identical outputs are told once, with the lines that follow."""
    hosts = {name: HostRun(output="x", excerpt="1\n2…", lines=9) for name in ("a1", "a2")}
    assert grouped(hosts) == ["a[1-2] (2):", "  | 1", "  | 2…", "  | … 7 more lines"]


def test_where_the_rest_is_is_said_once() -> None:
    """With the words to type, the first time that an output is not told whole."""
    state = RunState.of(plan_of(step_of("one", ["a1"])))
    state.turns[0].hosts["a1"] = HostRun(HostState.OK, output="x", excerpt="1\n2…", lines=9)
    story = Story(state)
    start = {"k": "run.start", "t": "2026-11-20T16:00:00Z", "run": "RUN", "by": "alice"}
    end = {"k": "round.end", "t": "2026-11-20T16:00:00Z", "turn": 0}
    story.feed(start)
    where = "(`output a1` tells the rest, `gonogo replay RUN` shows all of it)"
    assert [where in "\n".join(story.feed(end)) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("count", "told"),
    [(1_048_576, "1,048,576 bytes of a^[ are not kept"), (0, "what a^[ printed could not be kept")],
)
def test_a_gap_says_how_much_if_anybody_knows(count: int, told: str) -> None:
    """On a full disk nothing is counted: "0 bytes are not kept" would be no news."""
    assert unkept({"host": "a\x1b", "bytes": count}) == told
