"""Writing and recovering the trail."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gonogo.errors import RunError, TrailError
from gonogo.trail import writer as writer_module
from gonogo.trail.clock import RunClock
from gonogo.trail.reader import Reading, Verdict, read_all
from gonogo.trail.writer import TrailWriter


async def _trail(run: Path, notes: int) -> Path:
    run.mkdir(exist_ok=True)
    trail = TrailWriter.create(run)
    trail.add("run.start", v=1, run=run.name)
    for number in range(notes):
        trail.add("note", text=f"note {number}")
    await trail.commit()
    await trail.close()
    return trail.path


async def test_what_is_committed_can_be_read(tmp_path: Path) -> None:
    """Every committed record is read back, in order, and the trail is open until its end."""
    path = await _trail(tmp_path / "run", 20)
    records, reading = read_all(path)
    assert [record["n"] for record in records] == list(range(21))
    assert reading.verdict is Verdict.OPEN


async def test_busy_threads_hold_nothing_up(tmp_path: Path) -> None:
    """Records reach the disk while every thread of the event loop waits for a name server that is down."""
    loop, answer = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    lookup = loop.run_in_executor(None, answer.wait)
    try:
        async with asyncio.timeout(20):
            await _trail(tmp_path / "run", 1)
    finally:
        answer.set()
        await lookup


async def test_many_waiters_share_a_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand records that wait at once cost a handful of syncs."""
    run = tmp_path / "run"
    run.mkdir()
    trail = TrailWriter.create(run)
    calls: list[int] = []
    trail.add("run.start", v=1)
    real = writer_module._write

    def counted(descriptor: int, data: bytes) -> None:
        calls.append(len(data))
        real(descriptor, data)

    monkeypatch.setattr(writer_module, "_write", counted)

    async def one(number: int) -> None:
        trail.add("note", text=str(number))
        await trail.commit()

    await asyncio.gather(*(one(number) for number in range(1000)))
    await trail.close()
    assert len(calls) < 10
    assert len(read_all(trail.path)[0]) == 1001


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
async def test_a_failed_write_poisons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """After one failed sync nothing is acknowledged any more, even though the disk would work again."""
    run = tmp_path / "run"
    run.mkdir()
    trail = TrailWriter.create(run)
    real = writer_module._write

    def fail(descriptor: int, data: bytes) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(writer_module, "_write", fail)
    trail.add("note", text="lost")
    with pytest.raises(TrailError, match="cannot be written"):
        await trail.commit()
    monkeypatch.setattr(writer_module, "_write", real)
    with pytest.raises(TrailError):
        trail.add("note", text="refused")
    with pytest.raises(TrailError):
        await trail.commit()


async def test_every_cut_is_recovered(tmp_path: Path) -> None:
    """Wherever a crash cuts the last line, all earlier records are kept and writing goes on."""
    path = await _trail(tmp_path / "run", 3)
    whole = path.read_bytes()
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(start + 1, len(whole)):
        path.write_bytes(whole[:cut])
        records, reading = read_all(path)
        assert len(records) == 3
        assert reading.verdict is Verdict.TORN
        trail = TrailWriter.reopen(reading, RunClock())
        trail.add("note", text="after")
        await trail.commit()
        await trail.close()
        records, reading = read_all(path)
        assert [record["n"] for record in records] == [0, 1, 2, 3]
        assert reading.verdict is Verdict.OPEN


async def test_a_zeroed_tail_is_torn(tmp_path: Path) -> None:
    """Zeros behind the last record (a power cut leaves them) are torn, not corrupt."""
    path = await _trail(tmp_path / "run", 3)
    with path.open("ab") as file:
        file.write(bytes(512))
    assert read_all(path)[1].verdict is Verdict.TORN


async def test_damage_inside_is_corrupt_and_located(tmp_path: Path) -> None:
    """A changed, missing or doubled line in the middle is corrupt, with its byte."""
    path = await _trail(tmp_path / "run", 5)
    lines = path.read_bytes().splitlines(keepends=True)
    for broken in (
        [*lines[:2], lines[2].replace(b"note 1", b"note 9"), *lines[3:]],
        [*lines[:2], *lines[3:]],
        [*lines[:3], lines[2], *lines[3:]],
    ):
        path.write_bytes(b"".join(broken))
        reading = read_all(path)[1]
        assert reading.verdict is Verdict.CORRUPT
        assert f"at byte {len(b''.join(broken[: reading.count]))}" in reading.why


async def test_two_writers_cannot_share_a_trail(tmp_path: Path) -> None:
    """The second process that wants to write a trail is refused."""
    run = tmp_path / "run"
    run.mkdir()
    trail = TrailWriter.create(run)
    trail.add("run.start", v=1)
    await trail.commit()
    reading = Reading(trail.path)
    list(reading.records())
    with pytest.raises(RunError, match="driven already"):
        TrailWriter.reopen(reading, RunClock())
    await trail.close()


def test_a_link_in_place_of_the_trail_is_refused(tmp_path: Path) -> None:
    """A symlink where the trail should be is not followed."""
    (tmp_path / "audit.jsonl").symlink_to("/etc/hostname")
    with pytest.raises(TrailError, match="cannot be read"):
        read_all(tmp_path / "audit.jsonl")
