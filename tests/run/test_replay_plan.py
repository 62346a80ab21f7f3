"""A plan read for a replay is the plan, with each list of hosts held once."""

from __future__ import annotations

import pytest

from gonogo.errors import RunError
from gonogo.run.plan import Plan
from gonogo.run.replay.plan import lean_plan
from tests.tui.story import plan


def test_it_is_the_same_plan_and_equal_lists_are_one() -> None:
    """Spelled at different depths, the hosts of a step, its batch and its turn are one object."""
    data = plan().dump()
    read = lean_plan(data)
    assert read == Plan.parse(data)
    step, turn = read.steps[1], read.turns[1]
    assert step.hosts is step.batches[0]
    assert step.hosts is turn.hosts


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"steps": 3, "turns": []}', plan().dump()[:-40], b"\xff" * 9]
)
def test_what_is_no_plan_is_refused_in_words(data: bytes) -> None:
    """As the plain reading refuses it."""
    with pytest.raises(RunError, match="cannot be read"):
        lean_plan(data)
