"""Rounds of the test plan: run at a gate, compared with the baseline, never moving the run."""

from __future__ import annotations

import pytest

from gonogo.errors import RunError
from gonogo.run import rounds
from gonogo.run.state import Answer
from gonogo.trail.output import round_path
from gonogo.trail.reader import Verdict
from gonogo.trail.verify import verify_run
from tests.run.live import Live

HEAD = "test-plan: [look]\n"
STEPS = """
  - title: Before
    confirm: Go on?
  - title: Look
    id: look
    hosts: a:b
    read-only: true
    run: cat {0}/page-$me 2>/dev/null || echo none
  - title: After
    confirm: All good?
  - title: Alive
    id: alive
    test: true
    hosts: a:b
    read-only: true
    run: test ! -e {0}/down-$me
"""


async def a_round(live: Live) -> rounds.TestRound:
    """Run a round, and return it when it is over."""
    number = len(live.state.rounds)
    await live.link.act("test")
    await live.until(lambda state: len(state.rounds) > number and state.rounds[-1].ended)
    return live.state.rounds[-1]


def said(found: rounds.TestRound) -> dict[str, str]:
    """Return how each test compares."""
    return {one.step: str(one.compared) for one in found.results}


async def test_rounds_are_compared_with_the_first(live: Live) -> None:
    """Same, differs, newly failing, mended: each is told, and the run stays at its gate."""
    await live.begin(STEPS.format(live.folder), head=HEAD)
    gate = await live.gate()
    assert said(await a_round(live)) == {"look": "first", "alive": "first"}
    assert said(await a_round(live)) == {"look": "same", "alive": "same"}
    (live.folder / "page-b").write_text("hello\n")
    (live.folder / "down-a").touch()
    third = await a_round(live)
    assert said(third) == {"look": "differs", "alive": "newly failing"}
    assert third.results[0].difference == "b: -none, +hello"
    assert third.results[1].bad == (("a", "exit code 1"),)
    assert third.told() == (
        "tests, round 3: 1 of 2 tests failed; 1 newly failing: Alive; 1 differs: Look; "
        "0 the same as in round 1"
    )
    assert live.state.gate is gate
    await live.link.act("baseline", number=3)
    (live.folder / "down-a").unlink()
    assert said(await a_round(live)) == {"look": "same", "alive": "mended"}
    await live.say(Answer.GO)
    assert live.state.decisions[-1].tests == 4
    after = await live.gate()
    assert after.evidence["tests"] == live.state.rounds[-1].told()
    assert live.tries("look") == [["a", "b"]]
    await live.say(Answer.GO)
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert verify_run(live.run).verdict is Verdict.COMPLETE
    printed = round_path(live.run, 1, 0)
    printed.write_bytes(printed.read_bytes().replace(b"none", b"fine"))
    assert verify_run(live.run).verdict is Verdict.CORRUPT


async def test_an_edited_command_and_nothing_else_moves_while_tests_are_out(live: Live) -> None:
    """Answers wait for the round's end; cancelling ends it, and it is no baseline then."""
    steps = "  - confirm: Go on?\n  - {title: Slow, test: true, read-only: true, run: sleep 300}\n"
    await live.begin(steps)
    gate = await live.gate()
    await live.link.act("test")
    await live.until(lambda state: state.testing and state.testing.results)
    with pytest.raises(RunError, match="the tests are out"):
        await live.link.answer(gate.number, Answer.GO)
    with pytest.raises(RunError, match="the tests are out"):
        await live.link.act("test")
    await live.link.cancel()
    await live.until(lambda state: state.testing is None)
    assert live.state.rounds[0].broken == "the operator ended it"
    with pytest.raises(RunError, match="no complete round 1"):
        await live.link.act("baseline", number=1)


async def test_a_resumed_run_keeps_its_rounds(live: Live) -> None:
    """The first round is still what later ones are compared with."""
    await live.begin(STEPS.format(live.folder), head=HEAD)
    await a_round(live)
    await live.resume()
    assert len(live.state.rounds) == 1
    assert said(await a_round(live)) == {"look": "same", "alive": "same"}


async def test_an_earlier_run_is_the_baseline(live: Live, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is asked for with --baseline goes before the run's own first round."""
    await live.begin(STEPS.format(live.folder), head=HEAD)
    await a_round(live)
    await live.leave()
    other = Live(tmp_path_factory.mktemp("other"))
    (live.folder / "page-a").write_text("new\n")
    start = {"title": "Live", "inputs": {}, "baseline": str(live.run)}
    await other.begin(STEPS.format(live.folder), head=HEAD, start=start)
    first = await a_round(other)
    assert first.against == live.run.name
    assert said(first) == {"look": "differs", "alive": "same"}
    assert first.results[0].difference == "a: -none, +new"
    await other.leave()


async def test_nothing_is_tested_without_a_plan(live: Live) -> None:
    """It is refused with what to write."""
    await live.begin("  - confirm: Go on?\n")
    await live.gate()
    with pytest.raises(RunError, match="no test plan"):
        await live.link.act("test")
