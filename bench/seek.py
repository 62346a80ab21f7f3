"""Opening a trail of 1 GB, and going anywhere in it, beside a small one: time, and the memory it takes."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gonogo.format.model import Kind, Options, Place, Script, Step
from gonogo.run.plan import Plan, PlannedStep, Turn
from gonogo.run.replay.recorded import Recorded
from gonogo.trail.record import GENESIS, encode

from .measure import Row
from .terminal import painted

HOSTS, STEPS, SMALL_STEPS = 5_000, 230, 2
"""230 steps on 5,000 hosts write 1 GB of trail: 1.15 million ends of commands."""
SEEKS = 40
MEMORY = 300
"""MB that a replay may take."""


def plan_of(steps: int, count: int = HOSTS) -> Plan:
    """Plan steps on so many hosts."""
    hosts = tuple(f"compute{number:05d}.cell{number % 40:02d}" for number in range(count))
    step = Step(
        "s", "Update", Kind.RUN, Place("b.md"), Options(hosts="all"), Script("yum -y update"), None, None, ""
    )
    planned = tuple(PlannedStep(step, (), hosts, (hosts,)) for _ in range(steps))
    return Plan(
        "Bench", "b.md", True, "step", planned, tuple(Turn(at, at, 0, 1, hosts, True) for at in range(steps))
    )


def records(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield what such a run writes: every host prints something of its own."""
    yield {"k": "run.start", "v": 1, "run": "bench", "by": "bench"}
    for turn in plan.turns:
        gate = {"gate": turn.index + 1, "turn": turn.index}
        yield {"k": "gate.ask", **gate, "at": "go", "choices": ["go"], "question": "Go?", "evidence": {}}
        yield {"k": "gate.answer", **gate, "answer": "go", "by": "bench"}
        yield {"k": "step.plan", "turn": turn.index, "phase": "run", "attempt": 1}
        yield {"k": "host.start", "turn": turn.index, "hosts": list(turn.hosts)}
        ended = {
            "k": "host.exit",
            "turn": turn.index,
            "state": "ok",
            "phase": "run",
            "attempt": 1,
            "how": "exit",
        }
        for host in turn.hosts:
            digest = random.randbytes(32).hex()
            text = f"{host} {turn.index} updated\n{digest}\n" * 5
            yield {
                **ended,
                "host": host,
                "code": 0,
                "digest": digest,
                "out": 900,
                "err": 0,
                "excerpt": text[:500],
            }
        yield {"k": "round.end", "turn": turn.index}
        yield {"k": "step.end", "turn": turn.index, "result": "ok"}
    yield {"k": "run.end", "result": "go"}


def write(run: Path, steps: int, hosts: int = HOSTS) -> Path:
    """Write a run's directory; give it back."""
    plan = plan_of(steps, hosts)
    (run / "runbook").mkdir(parents=True)
    (run / "runbook" / "plan.json").write_bytes(plan.dump())
    head = GENESIS
    with open(run / "audit.jsonl", "wb") as file:
        for number, record in enumerate(records(plan)):
            frame = {
                "n": number,
                "t": f"2026-11-20T{16 + number // 3_600_000:02d}:00:00.000000Z",
                "m": number * 1_000_000,
            }
            line, head = encode(head, {**frame, "d": number, **record})
            file.write(line)
    return run


async def measure(run: Path) -> dict[str, float]:
    """Open a run, read it, go to places in it; give the seconds and the MB."""
    begun = time.perf_counter()
    link = Recorded(run)
    link.start()
    opened = 0.0
    async for _ in link.changes():
        if link.position and not opened:
            opened = time.perf_counter() - begun
        if link.index.whole:
            break
    read, taken = time.perf_counter() - begun, []
    for _ in range(SEEKS):
        number = random.randint(1, link.count)
        begun = time.perf_counter()
        link.seek(number)
        link.fill(link.state.cursor if link.state.current else 0)
        taken.append(time.perf_counter() - begun)
    await link.close()
    return {
        "open": opened,
        "read": read,
        "seek": sorted(taken)[SEEKS // 2],
        "worst": max(taken),
        "peak": _peak(),
    }


def _peak() -> float:
    """Return the most memory that this process took, in MB."""
    try:
        # Linux: ru_maxrss begins with the peak of the process that started this one.
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / (1 << 10)
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def alone(run: Path) -> dict[str, float]:
    """Measure in a process of its own, whose memory is a replay's and nothing else's."""
    command = [sys.executable, "-m", "bench.seek", str(run)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _painted(run: Path) -> float:
    """Return the seconds until the replay of a run stands on a terminal."""
    command = (sys.executable, "-m", "gonogo", "replay", str(run))
    return min(painted("REPLAY", *command).wall for _ in range(3))


def rows() -> list[Row]:
    """Compare 1 GB with a hundredth of it."""
    with tempfile.TemporaryDirectory() as folder:
        runs = write(Path(folder, "large"), STEPS), write(Path(folder, "small"), SMALL_STEPS)
        large, small = ({**alone(run), "paint": _painted(run)} for run in runs)
        size = (runs[0] / "audit.jsonl").stat().st_size
    found = []
    for name, key, most in (
        (f"replay: first paint on a terminal, {size / 1e9:.2f} GB", "paint", 1.0),
        (f"replay: open {size / 1e9:.2f} GB", "open", 1.0),
        ("replay: go somewhere, median", "seek", 1.0),
        ("replay: go somewhere, worst", "worst", 1.0),
    ):
        beside = f"a hundredth: {small[key] * 1000:.0f} ms"
        ratio = large[key] / small[key]
        found.append(
            Row(name, f"{large[key] * 1000:.0f} ms", beside, ratio, f"<= {most:g} s", large[key] <= most)
        )
    beside = f"a hundredth: {small['peak']:.0f} MB"
    ratio = large["peak"] / small["peak"]
    found.append(
        Row(
            "replay: memory",
            f"{large['peak']:.0f} MB",
            beside,
            ratio,
            f"<= {MEMORY} MB",
            large["peak"] <= MEMORY,
        )
    )
    beside = f"a hundredth: {small['read']:.1f} s"
    found.append(Row("replay: all read, behind the screen", f"{large['read']:.1f} s", beside, None, "", None))
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1])))))
