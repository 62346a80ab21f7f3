"""Disks that fill up or fail: no command starts, nothing is tried twice, and the run goes on later."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gonogo.trail.reader import Verdict, read_all
from tests.torture.ground import (
    LONG,
    Ground,
    compare,
    executions,
    possible_trails,
    records_of,
    until,
    writer_of,
)

STEPS = 4
RUNBOOK = "---\ngonogo: 1\ntitle: Disk\n---\n\n- [ ] Begin\n" + "".join(
    f"\n## Step {number}\n\n```sh {{id=s{number}}}\necho s{number}/run >> journal\n```\n"
    for number in range(STEPS)
)
FULL = {"ENOSPC": "No space left on device", "EIO": "Input/output error"}
FEW = [("fdatasync", "ENOSPC", 1), ("fdatasync", "EIO", 4), ("write", "ENOSPC", 10)]
MANY = [(call, error, number) for call in ("write", "fdatasync") for error in FULL for number in range(1, 17)]


def _answers(ground: Ground) -> Path:
    names = ["begin", *(f"s{number}" for number in range(STEPS))]
    failing = [f"{{step: {name}, at: failure, answer: by-hand, reason: seen}}" for name in names]
    return ground.answers(*failing, *(f"{{step: {name}, answer: go}}" for name in names))


def _durable(log: str) -> int:
    """Return how many bytes of the trail were synced, by strace's account; assert that nothing came after."""
    calls = re.findall(r"(?:\d +|\.\.\. )(write|fdatasync)\b.*\) += (-?\d+)", log)
    durable = waiting = 0
    for at, (call, result) in enumerate(calls):
        if int(result) < 0:
            assert at == len(calls) - 1, f"the trail was touched again after it failed: {calls[at:]}"
        elif call == "write":
            waiting += int(result)
        else:
            durable, waiting = durable + waiting, 0
    return durable


@pytest.mark.parametrize(("call", "error", "number"), MANY if LONG else FEW)
def test_one_failed_call_stops_everything(
    ground: Ground, need: Callable[[str, str], str], call: str, error: str, number: int
) -> None:
    """One failed write or sync, then a good disk: no retry, no command more, exit code 4 and the reason."""
    ground.write("disk.md", RUNBOOK)
    log = ground.folder / "log"
    before = [need("strace", "strace"), "-f", "-qq", "-s0", "-o", log, "--trace=write,fdatasync"]
    inject = f"--inject={call}:error={error}:when={number}"
    trails = possible_trails(ground, "disk")
    done = ground.gonogo("run", "disk.md", "--answers", _answers(ground), before=[*before, *trails, inject])
    assert done.returncode == 4, done.stdout + done.stderr
    assert FULL[error] in done.stderr
    assert "Traceback" not in done.stderr
    durable = _durable(log.read_text())
    known = executions(records_of(ground.trail.read_bytes()[:durable]))
    assert Counter(ground.journal) <= known
    until(lambda: not writer_of(ground.trail), "the run's process leaves")
    if records := read_all(ground.trail)[0]:
        again = ground.gonogo("resume", "last", "--answers", _answers(ground))
        assert again.returncode == 0, again.stdout + again.stderr
        assert read_all(ground.trail)[1].verdict is Verdict.COMPLETE
        compare(ground, records_of(ground.trail.read_bytes()))
    assert records or not ground.journal


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A disk of 64 kB, seen by what is started with `before`."""

    holder: int
    place: Path

    @property
    def before(self) -> Sequence[object]:
        """Words that start a program where the disk is mounted."""
        enter = ["nsenter", "-t", self.holder, "-U", "-m", "--preserve-credentials"]
        return [*enter, "sh", "-c", f'cd {self.place.parent} && exec "$@"', "sh"]

    @property
    def seen(self) -> Path:
        """The disk's folder from outside."""
        return Path(f"/proc/{self.holder}/root{self.place}")

    def fill(self, room: int) -> None:
        """Fill the disk but for some pages of 4 KiB."""
        with (self.seen / "filler").open("wb", buffering=0) as file:
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            file.truncate(max(os.fstat(file.fileno()).st_size - room * 4096, 0))


@pytest.fixture
def small(ground: Ground) -> Iterator[SmallDisk]:
    """Mount a disk of 64 kB as the folder of runs, in a namespace of its own."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("user namespaces are not allowed here")
    place = ground.folder / "small"
    place.mkdir()
    script = f"mount -t tmpfs -o size=64k none {place} && echo ready && exec cat"
    holder = subprocess.Popen(
        ["unshare", "-rm", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"ready\n"
    yield SmallDisk(holder.pid, place)
    holder.communicate(timeout=10)


@pytest.mark.parametrize("room", [0, 1])
def test_a_full_disk_stops_the_run_and_keeps_what_it_held(
    ground: Ground, small: SmallDisk, room: int
) -> None:
    """On a full disk a run stops with code 4, can be read, and ends once there is room."""
    ground.write("disk.md", RUNBOOK)
    assert ground.gonogo("run", "disk.md").returncode == 3
    shutil.copytree(ground.run, small.seen / ground.run.name)
    trail = small.seen / ground.run.name / "audit.jsonl"
    small.fill(room)
    held = trail.read_bytes()
    for _ in range(3):
        done = ground.gonogo(
            "resume", "last", "--answers", _answers(ground), before=small.before, GONOGO_RUNS=str(small.place)
        )
        assert done.returncode == 4, done.stdout + done.stderr
        assert FULL["ENOSPC"] in done.stderr
        # The process stays for its screens a moment longer than the one that we waited for.
        until(lambda: not writer_of(small.place / trail.parent.name / trail.name), "the run's process leaves")
        records, reading = read_all(trail)
        assert reading.verdict in (Verdict.TORN, Verdict.OPEN)
        now = trail.read_bytes()[: reading.offset]
        assert now.startswith(held), "what was on disk is lost"
        compare(ground, records)
        held = now
    (small.seen / "filler").unlink()
    done = ground.gonogo(
        "resume", "last", "--answers", _answers(ground), before=small.before, GONOGO_RUNS=str(small.place)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    records, reading = read_all(trail)
    assert reading.verdict is Verdict.COMPLETE
    assert trail.read_bytes().startswith(held)
    compare(ground, records)


def test_a_disk_that_cannot_be_written_is_refused(ground: Ground, small: SmallDisk) -> None:
    """On a read-only disk nothing begins: exit code 4, the reason, and no command."""
    ground.write("disk.md", RUNBOOK)
    words = [*small.before, "mount", "-o", "remount,ro,size=128m", "none", small.place]
    subprocess.run([str(word) for word in words], check=True)
    answers = _answers(ground)
    done = ground.gonogo(
        "run", "disk.md", "--answers", answers, before=small.before, GONOGO_RUNS=str(small.place)
    )
    assert done.returncode == 4, done.stdout + done.stderr
    assert "Read-only file system" in done.stderr
    assert not ground.journal
