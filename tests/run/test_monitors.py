"""Monitors: a number every so often, told when it goes past a limit, never in the way of the run."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gonogo.format.model import Kind, Limits, Monitor, Options, Place, Script, Step
from gonogo.run.monitors import BUCKETS, RANK, RECENT, Bucket, Level, Sample, Series, level_of
from gonogo.run.ports import Ended, Exit
from gonogo.run.sampling import Looked, Told, look, number_text
from gonogo.run.state import Answer
from tests.run.live import Live

LEVELS = st.sampled_from(tuple(Level))
STEPS = """
  - title: Wait here
    confirm: Go on?
"""


def monitor(**keys: object) -> Monitor:
    """Return a monitor as a plan has it."""
    step = Step("m", "m", Kind.RUN, Place("x"), Options(read_only=True), Script("x"))
    return replace(Monitor(step), **keys)


def printed(text: str, code: int = 0) -> Told:
    """Return what a host's command came to."""
    return Told(Exit(Ended.EXIT, code), text)


def series(samples: list[tuple[float | None, Level]]) -> Series:
    """Return the fold of samples, changes included, as a run makes it."""
    found = Series()
    for at, (value, level) in enumerate(samples):
        found = found.sampled(Sample(at, value, level))
        if (crossed := found.crossing()) is not None:
            found = found.changed(crossed, at)
    return found


@given(st.lists(st.tuples(st.one_of(st.none(), st.floats(-9, 9)), LEVELS), max_size=40), st.integers(1, 60))
def test_a_course_is_bounded_and_keeps_extremes(
    samples: list[tuple[float | None, Level]], often: int
) -> None:
    """However many samples come, few are kept; none of them is forgotten in the buckets."""
    many = samples * often
    found = series(many)
    numbers = [value for value, _ in many if value is not None]
    assert [one.at for one in found.recent] == list(range(len(many)))[-RECENT:]
    assert len(found.buckets) <= BUCKETS
    assert sum(one.count for one in found.buckets) == found.count == len(many)
    assert (found.least, found.most) == (min(numbers, default=None), max(numbers, default=None))
    assert found.failing == len(many) - len(numbers)
    for one, other in zip(found.buckets, found.buckets[1:], strict=False):
        assert one.count == found.stride
        assert one.begin <= one.end < other.begin


@given(st.lists(LEVELS, max_size=30))
def test_a_monitor_stands_worse_at_once_and_better_after_two(levels: list[Level]) -> None:
    """It never stands better than its last sample, and no worse than the worse of its last two."""
    found = Series()
    for at, level in enumerate(levels):
        before = found.level
        found = found.sampled(Sample(at, 0.0, level))
        crossed = found.crossing()
        if crossed is not None:
            assert crossed is not before
            found = found.changed(crossed, at)
        assert RANK[found.level] >= RANK[level]
        if at:
            assert RANK[found.level] <= max(RANK[level], RANK[levels[at - 1]])


def test_full_buckets_become_half_as_many() -> None:
    """The course of a long run keeps its shape: each bucket has twice the samples."""
    found = series([(float(number), Level.OK) for number in range(BUCKETS + 1)])
    assert found.stride == 2
    assert len(found.buckets) == BUCKETS // 2 + 1
    assert found.buckets[0] == Bucket(0, 1, 0.0, 1.0, Level.OK, 2)


@pytest.mark.parametrize(
    ("value", "text", "number"),
    [
        ("number", "0.42 0.30 0.12 1/200 4711\n", 0.42),
        ("number", "Avail\n  37G\n\n", 37.0),
        ("number", "node3: -4.5e2 ms", -450.0),
        ("number", "a\n5-3", 5.0),
        (r"depth=(\d+)", "depth=7 depth=8", 7.0),
        ("exit", "", 0.0),
    ],
)
def test_how_a_number_is_read(value: str, text: str, number: float) -> None:
    """The first number of the last line, the group of an expression, or the exit code."""
    assert look(monitor(value=value), {"h": printed(text)}) == Looked(number)


@pytest.mark.parametrize(
    ("value", "told", "why"),
    [
        ("number", printed("all is well"), "no number in 'all is well'"),
        ("number", printed(""), "no number in ''"),
        ("number", printed("9" * 300 + "e99"), "its number is too large"),
        ("number", printed("3", 2), "exit code 2"),
        (r"x(\d+)", printed("y"), "what it printed does not match value="),
        ("exit", Told(Exit(Ended.UNREACHABLE, reason="no route")), "unreachable: no route"),
        ("number", Told(Exit(Ended.TIMEOUT, reason="timed out")), "timed out"),
        ("(a+)+1$", printed("a" * 40), "matching what it printed took too long"),
    ],
)
def test_why_there_is_no_number(value: str, told: Told, why: str) -> None:
    """A sample without a number says which host gave none, and why."""
    assert look(monitor(value=value), {"h": told}) == Looked(None, why=f"h: {why}")


@pytest.mark.parametrize(
    ("combine", "looked"),
    [
        ("max", Looked(7.0, "b", "c: exit code 1")),
        ("min", Looked(2.0, "a", "c: exit code 1")),
        ("sum", Looked(9.0, "", "c: exit code 1")),
        ("mean", Looked(4.5, "", "c: exit code 1")),
    ],
)
def test_the_numbers_of_several_hosts_become_one(combine: str, looked: Looked) -> None:
    """The highest and the lowest say whose they are; a host that gives none is named."""
    told = {"a": printed("2"), "b": printed("7"), "c": printed("1", 1)}
    assert look(monitor(combine=combine), told) == looked


def test_failing_counts_the_hosts_that_are_not_well() -> None:
    """Unreachable ones too; it is always a number."""
    told = {"a": printed(""), "b": printed("", 3), "c": Told(Exit(Ended.UNREACHABLE, reason="gone"))}
    assert look(monitor(value="failing"), told) == Looked(2.0, why="b: exit code 3; c: unreachable: gone")


def test_limits_are_past_not_at() -> None:
    """A number at a limit is still fine; an alarm goes before a warning."""
    limits = Limits(warn_above=4, alarm_above=8, warn_below=1)
    levels = [level_of(value, limits) for value in (4, 4.1, 8.1, 0.9)]
    assert levels == [Level.OK, Level.WARN, Level.ALARM, Level.WARN]
    assert number_text(3.0) == "3"


async def test_monitors_look_while_a_question_waits(live: Live) -> None:
    """They begin with the run, go on at a gate, tell what crosses a limit, and end with the run."""
    head = f"""monitors:
  - name: climbing
    run: echo x >> {live.folder}/n; wc -l < {live.folder}/n
    every: 1s
    warn-above: 1
  - name: down
    hosts: b
    run: echo no >&2; exit 3
"""
    await live.begin(STEPS, head=head)
    await live.until(lambda state: state.monitors.get("climbing") and state.monitors["climbing"].rang)
    await live.until(lambda state: state.monitors.get("down"))
    assert live.state.monitors["climbing"].level is Level.WARN
    assert live.state.monitors["down"].level is Level.FAILING
    assert live.state.monitors["down"].last.why == "b: exit code 3"  # type: ignore[union-attr]
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert live.records("run.end")[0]["n"] > max(one["n"] for one in live.records("monitor.sample"))
    assert [one["level"] for one in live.records("monitor.change") if one["monitor"] == "climbing"] == [
        "warn"
    ]


async def test_a_hanging_monitor_is_cut_when_the_run_ends(live: Live) -> None:
    """What a monitor has out is ended, and the run does not wait for it."""
    head = f"""monitors:
  - name: hangs
    run: echo > {live.folder}/out; sleep 300; echo > {live.folder}/late
    timeout: 10m
"""
    await live.begin(STEPS, head=head)
    await live.there("out")
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert live.records("monitor.sample") == []


async def test_a_resumed_run_goes_on_sampling(live: Live) -> None:
    """The course of before stays, and grows."""
    head = "monitors:\n  - {name: m, run: echo 1, every: 1s}\n"
    await live.begin(STEPS, head=head)
    await live.until(lambda state: state.monitors.get("m"))
    before = live.state.monitors["m"].count
    await live.resume()
    await live.until(lambda state: state.monitors["m"].count > before)
    assert live.state.monitors["m"].recent[0].at < live.state.monitors["m"].recent[-1].at


async def test_secrets_are_masked_before_a_number_is_read(live: Live) -> None:
    """A number that is a secret is none, and stands nowhere in the trail."""
    head = """inputs:
  - {name: pin, secret: true}
monitors:
  - {name: m, run: echo "$pin"}
"""
    await live.begin(STEPS, head=head, inputs=("pin=48151623",))
    await live.until(lambda state: state.monitors.get("m"))
    assert live.state.monitors["m"].level is Level.FAILING
    await asyncio.sleep(0)
    assert b"48151623" not in (live.run / "audit.jsonl").read_bytes()
