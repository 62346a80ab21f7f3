"""The run's socket: screens that drive, look on, take over, or are hostile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gonogo.errors import RunError
from gonogo.run.client import LiveLink
from gonogo.run.server import BACKLOG, PACE
from gonogo.run.state import Answer, Record, RunState
from gonogo.run.wire import socket_path
from gonogo.trail.clock import RunClock
from gonogo.trail.writer import TrailWriter
from tests.run.plans import plan_of, step
from tests.run.serving import serving
from tests.run.test_conductor import Scripted


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Path, TrailWriter]]:
    """A run of one step that waits at its gate, served on its socket, and its trail."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    directory = tmp_path / "run"
    executor = Scripted(directory / "audit.jsonl", lambda host, job: (b"", 0))
    async with serving(directory, plan_of(step("stop")), executor) as one:
        yield directory, one.trail


@pytest.fixture
def run(served: tuple[Path, TrailWriter]) -> Path:
    """The directory of that run."""
    return served[0]


async def _gate(link: LiveLink) -> int:
    while link.state.gate is None:
        async for _ in link.changes():
            break
    return link.state.gate.number


async def test_a_screen_answers_and_sees_the_end(run: Path) -> None:
    """The driver's answer is taken, and every record up to the end reaches it."""
    link = await LiveLink.connect(run, "ann@desk")
    await link.answer(await _gate(link), Answer.GO)
    async for _ in link.changes():
        if link.state.result:
            break
    assert link.state.result == "go"
    await link.close()


async def test_what_was_written_before_an_answer_is_there_with_it(served: tuple[Path, TrailWriter]) -> None:
    """Records go to a screen in lots; the word that something is done comes behind all of them."""
    run, trail = served
    link = await LiveLink.connect(run, "ann@desk")
    await _gate(link)
    for number in range(50):
        trail.add("note", by="bob@sofa", text=str(number))
        await trail.commit()
    await link.note("last")
    assert [note["text"] for note in link.state.notes] == [*map(str, range(50)), "last"]
    await link.close()


async def test_every_screen_has_everything_when_the_run_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that waited for the next lot go to each of many screens with the good-bye, none after it."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    wrong: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
    executor = Scripted(tmp_path / "run" / "audit.jsonl", lambda host, job: (b"", 0))
    async with serving(tmp_path / "run", plan_of(step("stop")), executor) as one:
        links = [await LiveLink.connect(one.run, f"{number}@desk") for number in range(5)]
        for number in range(50):
            one.trail.add("note", by="bob@sofa", text=str(number))
            await one.trail.commit()
    for link in links:
        async for _ in link.changes():
            pass
        assert [note["text"] for note in link.state.notes] == [*map(str, range(50))]
        assert link.ended == "the run's process has ended"
        await link.close()
    await asyncio.sleep(2 * PACE)  # a lot that waited would go now
    assert not wrong


async def test_a_late_screen_has_the_whole_state(run: Path) -> None:
    """Who connects later folds the same records to the same state."""
    first = await LiveLink.connect(run, "ann@desk")
    await _gate(first)
    await first.note("before you came")
    second = await LiveLink.connect(run, "bob@sofa", drive=False)
    await _gate(second)
    assert second.state == first.state
    assert not second.driving
    await first.close()
    await second.close()


async def test_a_late_screen_is_there_however_long_the_trail_is(served: tuple[Path, TrailWriter]) -> None:
    """More of it than may wait for a screen that does not read is no reason to let a new one go."""
    run, trail = served
    for number in range(BACKLOG // 900_000 + 2):
        trail.add("note", by="bob@sofa", text=f"{number} " + "x" * 900_000)
    await trail.commit()
    link = await LiveLink.connect(run, "ann@desk")
    await link.note("last")
    assert link.state.notes[-1]["text"] == "last"
    assert not link.ended
    await link.close()


async def test_a_late_screen_knows_how_old_the_run_is(served: tuple[Path, TrailWriter]) -> None:
    """Time goes on for who comes back after an hour, though nothing was written meanwhile."""
    run, trail = served
    first = await LiveLink.connect(run, "ann@desk")
    await _gate(first)
    await first.close()
    hour = 3_600_000_000_000
    trail.clock = RunClock(trail.clock.now() + hour)
    second = await LiveLink.connect(run, "ann@desk")
    await _gate(second)
    assert second.now() > second.state.now + hour
    await second.close()


async def test_a_defect_while_a_record_is_told_is_not_silence(run: Path) -> None:
    """What the teller of records raises reaches whoever follows the run, instead of a wait without end."""

    def tell(state: RunState, record: Record) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await LiveLink.connect(run, "ann@desk", on_record=tell)


async def test_only_the_driver_answers_until_someone_takes_over(run: Path) -> None:
    """A second operator looks on; taking over is recorded with both names."""
    ann = await LiveLink.connect(run, "ann@desk")
    bob = await LiveLink.connect(run, "bob@sofa")
    gate = await _gate(bob)
    with pytest.raises(RunError, match="ann@desk drives"):
        await bob.answer(gate, Answer.GO)
    taker = await LiveLink.connect(run, "bob@sofa", take=True)
    await taker.note("mine now")
    assert taker.driving
    assert taker.state.operator == "bob@sofa"
    with pytest.raises(RunError, match="bob@sofa drives"):
        await ann.answer(gate, Answer.GO)
    for link in (ann, bob, taker):
        await link.close()


async def test_who_looks_on_is_told_when_the_driver_leaves(run: Path) -> None:
    """First who drives and who looks on; then that nobody drives any more."""
    ann = await LiveLink.connect(run, "ann@desk")
    bob = await LiveLink.connect(run, "bob@sofa", drive=False)
    changes = bob.changes()
    assert (bob.state.driver, bob.state.watching) == ("ann@desk", ("bob@sofa",))
    await ann.close()
    while bob.state.driver:
        await anext(changes)
    assert bob.state.driver == ""
    assert not bob.driving
    await bob.close()


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"not json\n",
        b"[1,2]\n",
        b'{"do":"answer"}\n',
        b'{"do":"rm -rf"}\n',
        b"[" * 60_000 + b"\n",
        b"x" * 200_000,
        b'{"do":"hello"}\n',
        b'{"id":{},"do":"answer","gate":"x","answer":1}\n',
    ],
)
async def test_a_hostile_client_harms_nothing(run: Path, data: bytes) -> None:
    """Whatever is written to the socket, the run goes on and answers others."""
    reader, writer = await asyncio.open_unix_connection(socket_path(run))
    writer.write(data)
    writer.write_eof()
    await reader.read()
    writer.close()
    link = await LiveLink.connect(run, "ann@desk")
    assert await _gate(link) == 1
    await link.close()


async def test_the_socket_is_ours_alone(run: Path) -> None:
    """Nobody else may enter the socket's folder or open the socket."""
    path = socket_path(run)
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path.stat().st_mode & 0o077 == 0


async def test_no_process_is_said_so(tmp_path: Path) -> None:
    """Attaching to a run whose process is gone names the way on."""
    with pytest.raises(RunError, match="no process drives") as caught:
        await LiveLink.connect(tmp_path, "ann@desk")
    assert "gonogo resume" in caught.value.mend
