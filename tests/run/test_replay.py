"""Replay: the state at any place of a recorded run, however it is reached; and nothing is ever done."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gonogo.errors import RunError
from gonogo.run.client import new_state
from gonogo.run.replay import index as replay_index
from gonogo.run.replay import place as replay_place
from gonogo.run.replay.marks import Sort
from gonogo.run.replay.recorded import TOLD, Recorded
from gonogo.run.replay.search import find
from gonogo.run.state import Answer, RunState
from gonogo.trail.reader import read_all

from .recorded import story, write_trail

SECOND = 1_000_000_000


@pytest.fixture(params=[3, 2000])
def replay(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """A run of 17 steps, read; with many checkpoints, and with few."""
    monkeypatch.setattr(replay_index, "STRIDE", request.param)
    monkeypatch.setattr(replay_place, "STRIDE", request.param)
    story(tmp_path)
    link = Recorded(tmp_path)
    link.index._stride = request.param
    link.read()
    return link


def whole(run: Path, number: int) -> RunState:
    """Fold a trail's first records in the plain way."""
    state = new_state(run)
    for record in read_all(run / "audit.jsonl")[0][:number]:
        state.apply(record)
    return state


def append(path: Path, data: bytes) -> None:
    """Write behind what is there."""
    with open(path, "ab") as file:
        file.write(data)


def facts(state: RunState) -> dict[str, Any]:
    """Return everything that a state holds, to compare."""
    return {name: getattr(state, name) for name in state.__struct_fields__ if name not in ("load", "cursor")}


async def test_every_place_is_as_the_plain_fold_has_it(replay: Recorded) -> None:
    """Forward, back and across, the state is the fold of exactly the records before."""
    order = list(range(1, replay.count + 1))
    random.Random(7).shuffle(order)
    for number in [*order[:25], replay.count, 1]:
        replay.seek(number)
        for turn in range(len(replay.state.turns)):
            replay.fill(turn)
        assert facts(replay.state) == facts(whole(replay.directory, number))


async def test_what_was_printed_stays_after_it_was_packed_and_filled_again(replay: Recorded) -> None:
    """Excerpts come from the trail each time that somebody looks."""
    replay.seek_end()
    for _ in range(2):
        replay.fill(9)
        assert "python-six" in replay.state.turns[9].hosts["cp16"].excerpt
        assert len(replay.state.turns[9].hosts["cp16"].output) == 64
        replay._place._book.hosts_of(replay.state.turns[9]).pack()
        assert replay.state.turns[9].hosts["cp16"].excerpt == ""


async def test_steps_of_one_record_go_both_ways_and_stop_at_the_ends(replay: Recorded) -> None:
    """Back is exactly where it was before."""
    replay.seek(20)
    replay.step(1)
    assert replay.position == 21
    replay.step(-1)
    replay.fill(1)
    assert facts(replay.state) == facts(whole(replay.directory, 20))
    replay.step(-100)
    assert replay.position == 1
    replay.step(10_000)
    assert replay.position == replay.count
    assert replay.state.result == "go"


async def test_a_decision_is_jumped_to_while_its_question_is_open(replay: Recorded) -> None:
    """The screen shows what was asked; the mark says what was answered."""
    replay.seek(1)
    seen = []
    while mark := replay.jump(1, Sort.DECISION):
        gate = replay.state.gate
        assert gate is not None
        seen.append((gate.number, mark.text))
    assert [number for number, _ in seen] == list(range(1, len(seen) + 1))
    assert seen[-1][1] == "alice: leave-out - cp16 and cp17 are being reinstalled, cp20 has no power"
    back = replay.jump(-1, Sort.DECISION)
    assert back is not None
    assert back.text == seen[-2][1]


async def test_failures_batches_outages_and_the_end_are_marked(replay: Recorded) -> None:
    """One mark a failing attempt, a batch, an outage's begin and end."""
    found = {sort: [mark.text for mark in replay.index.marks.found if mark.sort is sort] for sort in Sort}
    assert found[Sort.FAILURE] == ["cp16: exit 1: Error: Package: nova-compute requires python-six >= 1.4"]
    assert found[Sort.OUTAGE] == ["nova-api goes away", "nova-api is back"]
    assert found[Sort.BATCH][0] == "batch 1 of 4: Disable the nodes"
    assert found[Sort.END] == ["the run ended: go"]
    assert [(one.service, one.end is not None) for one in replay.index.marks.outages] == [("nova-api", True)]


async def test_a_time_is_gone_to_on_the_run_s_clock_and_on_the_wall(replay: Recorded) -> None:
    """All records up to then are in, none after."""
    at = 30 * SECOND
    replay.seek_time(at)
    records = read_all(replay.directory / "audit.jsonl")[0]
    assert replay.position == sum(record["m"] <= at for record in records)
    assert replay.now() == at
    then = replay.wall(at)
    replay.seek(1)
    replay.seek_wall(then)
    assert replay.position == sum(record["m"] <= at for record in records)
    replay.seek_time(-5)
    assert replay.position == 1
    replay.seek_time(1 << 60)
    assert replay.position == replay.count


async def test_play_takes_the_run_s_time_and_skips_what_is_idle(replay: Recorded) -> None:
    """Ten times as fast takes a tenth; a long silence ends shortly before the next record, and is told."""
    replay.seek(1)
    replay.play(True)
    replay.advance(1.0)
    assert replay.now() == 2 * SECOND
    while replay.speed < 10:
        replay.faster(1)
    replay.advance(0.5)
    assert replay.now() == 7 * SECOND
    while replay.playing:
        replay.advance(1.0)
    assert replay.position == replay.count
    assert replay.state.result == "go"


async def test_an_idle_hour_is_skipped_with_a_word(tmp_path: Path) -> None:
    """Nobody waits an hour for the next record."""
    link = story(tmp_path, "go_gate")
    link.at += 3600 * SECOND
    link.say(Answer.GO)
    write_trail(tmp_path, link.state.plan, link.records)
    clock = [0.0]
    replay = Recorded(tmp_path, clock=lambda: clock[0])
    replay.read()
    replay.seek(replay.count - 1)
    replay.play(True)
    replay.advance(0.1)
    assert 3590 * SECOND < replay.skipped < 3601 * SECOND
    replay.advance(1.0)
    assert replay.position == replay.count
    assert replay.skipped > 0  # long enough to be read
    clock[0] += TOLD
    assert replay.skipped == 0


async def test_a_replay_refuses_whatever_would_change_the_run(replay: Recorded) -> None:
    """Answers, acts, notes, cancelling and shells are refused, and no file changes."""
    files = {path: path.stat().st_mtime_ns for path in replay.directory.rglob("*")}
    for saying in (
        replay.answer(1, Answer.GO),
        replay.act("jump", step=1),
        replay.note("x"),
        replay.cancel(),
        replay.shell("cp01"),
        replay.shell_ended("cp01", 0),
    ):
        with pytest.raises(RunError, match="replay"):
            await saying
    assert {path: path.stat().st_mtime_ns for path in replay.directory.rglob("*")} == files


DOING = {
    "subprocess.Popen",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.system",
    "socket.connect",
    "socket.bind",
}
CHANGING = {
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
}


def heard(into: list[str]) -> Callable[[], None]:
    """Write down whatever this process does besides reading, until the returned function is called."""
    on = [True]

    def hear(event: str, args: tuple[Any, ...]) -> None:
        writes = (
            event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        if on and (writes or event in DOING | CHANGING):
            into.append(f"{event} {args}")

    sys.addaudithook(hear)
    return on.clear


async def test_a_replay_reads_and_does_nothing_else(replay: Recorded) -> None:
    """No process, no connection, no file opened for writing: seeking, playing, filling, searching alike."""
    done: list[str] = []
    stop = heard(done)
    replay.start()
    while replay.jump(1):
        replay.fill(9)
    replay.seek(1)
    replay.play(True)
    while replay.playing:
        replay.advance(60.0)
    assert list(find(replay.directory, "python", 1 << 30, lambda: False))
    await replay.close()
    stop()
    assert done == []
    stop = heard(done)
    (replay.directory / "x").write_bytes(b"")
    stop()
    assert len(done) == 1


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign"])
async def test_a_damaged_trail_opens_as_far_as_it_can_be_trusted(tmp_path: Path, damage: str) -> None:
    """It says where the trust ends, and goes no further."""
    link = story(tmp_path)
    path = tmp_path / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    if damage == "cut":
        path.write_bytes(b"".join(lines[:50]) + lines[50][:40])
    elif damage == "flipped":
        lines[50] = lines[50].replace(b'"m":', b'"M":')
        path.write_bytes(b"".join(lines))
    else:
        link.records.insert(50, {"k": "host.start", "m": link.records[49]["m"], "turn": 999, "hosts": ["x"]})
        write_trail(tmp_path, link.state.plan, link.records)
    replay = Recorded(tmp_path)
    replay.read()
    assert replay.count == 50
    replay.seek(1000)
    assert replay.position == 50
    said = {"cut": "torn", "flipped": "corrupt", "foreign": "does not fit"}[damage]
    assert said in replay.index.trust


async def test_a_trail_that_grows_is_followed(tmp_path: Path) -> None:
    """What is written while one looks comes in, also behind a line that was half there."""
    story(tmp_path)
    path = tmp_path / "audit.jsonl"
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:60]) + lines[60][:30])
    replay = Recorded(tmp_path)
    replay.follow = True
    replay.read()
    assert replay.position == 60
    path.write_bytes(data)
    replay.read()
    assert replay.position == len(lines)
    assert replay.state.result == "go"
    assert replay.index.trust == ""


async def test_the_thread_reads_follows_and_ends(tmp_path: Path) -> None:
    """`changes` tells of what was read, and of what comes in later; closing ends it."""
    story(tmp_path)
    path = tmp_path / "audit.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:70]))
    replay = Recorded(tmp_path)
    assert replay.position == 1
    replay.start()
    async for _ in replay.changes():
        if replay.index.whole and replay.count == 70 and not replay.follow:
            replay.seek_end()
            append(path, b"".join(lines[70:]))
        if replay.position == len(lines):
            await replay.close()
    assert replay.read_so_far == 1.0
    assert replay.state.result == "go"
