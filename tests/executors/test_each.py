"""One job on many targets: who waits, who is ended, and that everybody is reported once."""

from __future__ import annotations

import asyncio

import pytest

from gonogo.executors.each import Each
from gonogo.run.ports import Ended, Exit, Job, Target
from tests.executors.conftest import Heard

_JOB = Job(tuple(Target(name) for name in "abcdef"), "true")
_WELL = Exit(Ended.EXIT, 0)


class _Door:
    """Lets targets in one by one, and remembers those who are inside."""

    def __init__(self, places: int) -> None:
        self.places = asyncio.Semaphore(places)
        self.inside: list[str] = []
        self.leave = asyncio.Event()

    async def turn(self, target: Target) -> None:
        await self.places.acquire()

    async def one(self, target: Target) -> Exit:
        self.inside.append(target.name)
        await self.leave.wait()
        return _WELL

    async def filled(self, places: int) -> None:
        while len(self.inside) < places:
            await asyncio.sleep(0)


async def test_a_target_has_no_task_before_its_turn() -> None:
    """Those who wait take nothing; all are reported in the end."""
    each, door, heard = Each(), _Door(2), Heard()
    before = len(asyncio.all_tasks())
    work = asyncio.create_task(each.run(_JOB, heard, door.one, door.turn))
    await door.filled(2)
    assert len(asyncio.all_tasks()) == before + 3
    door.leave.set()
    for _ in range(4):
        door.places.release()
    await work
    assert heard.ends == dict.fromkeys("abcdef", _WELL)


async def test_one_that_waits_can_be_ended_alone() -> None:
    """It is reported at once as never sent, and its turn goes to the next."""
    each, door, heard = Each(), _Door(2), Heard()
    work = asyncio.create_task(each.run(_JOB, heard, door.one, door.turn))
    await door.filled(2)
    each.cancel("d")
    assert heard.ends["d"].how is Ended.CANCELLED
    door.leave.set()
    for _ in range(4):
        door.places.release()
    await work
    assert "d" not in door.inside
    assert [name for name, end in heard.ends.items() if end == _WELL] == list("abcef")


async def test_an_end_of_all_reaches_those_who_wait() -> None:
    """Nobody goes unreported when a job is cancelled: neither those inside nor those outside."""
    each, door, heard = Each(), _Door(2), Heard()
    work = asyncio.create_task(each.run(_JOB, heard, door.one, door.turn))
    await door.filled(2)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [heard.ends[name].how for name in "abcdef"] == [Ended.CANCELLED] * 6
    assert {heard.ends[name].reason for name in "cdef"} == {"cancelled before anything was sent"}


async def test_only_so_many_at_once() -> None:
    """A job's own limit holds, and a target that is ended before it began gives its place back."""
    each, door, heard = Each(), _Door(6), Heard()
    job = Job(_JOB.targets, "true", parallel=1)
    work = asyncio.create_task(each.run(job, heard, door.one, door.turn))
    await door.filled(1)
    each.cancel("b")
    each.cancel("a")
    await door.filled(2)
    assert door.inside == ["a", "c"]
    door.leave.set()
    await work
    assert [heard.ends[name] == _WELL for name in "abcdef"] == [False, False, True, True, True, True]
