"""Output that was made to keep the run's process busy."""

from __future__ import annotations

import pytest

from gonogo.format.condition import parse
from gonogo.format.model import Options
from gonogo.run.judge import judge
from gonogo.run.ports import Ended, Exit
from gonogo.run.words import HostState, Phase

SLOW = "(a+)+$"
DONE = Exit(Ended.EXIT, 0)


@pytest.mark.parametrize("options", [Options(expect=SLOW), Options(expect_not=SLOW)])
def test_a_pattern_that_takes_for_ever_fails_its_host(options: Options) -> None:
    """The match is given up, and the host is failed: nobody knows what it printed."""
    state, why = judge(options, Phase.RUN, DONE, b"a" * 60 + b"b", None)
    assert state is HostState.FAILED
    assert "took too long" in why


def test_outputs_too_different_to_compare_are_said_to_differ() -> None:
    """Lines that make the comparison quadratic are counted instead of listed."""
    before = b"".join(b"%d\n" % (number % 150) for number in range(60_000))
    after = b"".join(b"%d\n" % (number * 7 % 149) for number in range(60_000))
    state, why = judge(Options(same_as="services"), Phase.RUN, DONE, after, before)
    assert state is HostState.FAILED
    assert why == (
        "stdout differs from services: 60000 lines instead of 60000, too many to compare one by one"
    )


def test_a_condition_that_takes_for_ever_does_not_hold() -> None:
    """A captured value cannot hang the run through a pattern in `when`."""
    assert not parse("release =~ '(a+)+$'").holds({"release": "a" * 60 + "b"})
