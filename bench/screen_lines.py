"""A million lines of one host on a real terminal: memory, and the way to their end."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from gonogo.trail.output import OutputWriter, output_path
from gonogo.trail.record import GENESIS, encode

from .measure import Row, milliseconds, percentile
from .played import made
from .screen_wall import FIRST
from .terminal import Terminal
from .watched import lag, lateness

ATTEMPTS, LINES = 100, 10_000
"""A step that was tried again and again: 10,000 lines in each attempt, 100 MB in all."""
FEW = 200
MOST = 60
"""MB above what the screen takes with a few lines."""
LAST = "\x1b[F"
TRIES = 20


def _line(number: int) -> bytes:
    when, who = f"{number * 7 % 99991:>9}.{number % 1000:03}", f"node0000 nova-compute[{number % 7919}]"
    return f"{number:08x} {when} {who}: synced in {number % 97} ms\n".encode()


def _write(run: Path, attempts: int, lines: int) -> Path:
    """Write a run whose one step was tried so often, and printed so many lines each time."""
    head, number = GENESIS, 0

    def records() -> list[dict[str, object]]:
        begun: list[dict[str, object]] = [{"k": "run.start", "v": 1, "run": run.name, "by": "bench"}]
        for attempt in range(1, attempts + 1):
            turn = {"turn": 0, "phase": "run", "attempt": attempt}
            ended = {"host": "node0000", "how": "exit", "code": 0, "state": "ok", "out": 1, "err": 0}
            begun.append({"k": "step.plan", **turn})
            begun.append({"k": "host.start", **turn, "hosts": ["node0000"]})
            begun.append({"k": "host.exit", **turn, **ended, "digest": "0" * 64, "excerpt": "x"})
            begun.append({"k": "round.end", **turn})
        return [*begun, {"k": "step.end", "turn": 0, "result": "ok"}, {"k": "run.end", "result": "go"}]

    with (run / "audit.jsonl").open("wb") as file:
        for number, record in enumerate(records()):
            frame = {"n": number, "t": "2026-11-20T16:00:00.000000Z", "m": number * 10**6, "d": number}
            line, head = encode(head, {**frame, **record})
            file.write(line)
    for attempt in range(1, attempts + 1):
        writer, first = OutputWriter(output_path(run, 0, attempt)), (attempt - 1) * lines
        # As a host sends it, in pieces; half on each stream, as only so much is kept of one.
        for at in range(first, first + lines, 50):
            stream = "o" if at - first < lines // 2 else "e"
            text = b"".join(_line(number) for number in range(at, min(at + 50, first + lines)))
            writer.write(at, "node0000", stream, text)
        writer.finish(number, "node0000")
        writer.close()
    return run


def _shown(folder: Path, attempts: int, lines: int) -> tuple[float, list[float], tuple[float, float]]:
    """Show it; return the MB held, the seconds of jumps to the end, and how late the loop was."""
    folder.mkdir()
    os.environ["GONOGO_RUNS"] = str(folder / "runs")
    run, late = _write(made(folder, 1, 1), attempts, lines), folder / "late"
    begin, end = (f"{number:08x}" for number in (0, attempts * lines - 1))
    words = ("-m", "bench.watched", str(late), "replay", str(run))
    with Terminal(sys.executable, *words) as terminal:
        terminal.until("Before the first go")
        terminal.rest(1.0)
        lag(terminal, late)  # how late it is while it starts is what first paints are measured for
        terminal.press("$")
        terminal.until(end)
        _settled(terminal)
        jumps = []
        terminal.press("\t\t")
        for _ in range(TRIES):
            terminal.press(FIRST)
            terminal.until(begin)
            terminal.rest(0.05)
            begun = time.perf_counter()
            terminal.press(LAST)
            jumps.append(terminal.until(end) - begun)
            terminal.rest(0.05)
        late_by = lag(terminal, late)
        return terminal.memory(), jumps, late_by


def _settled(terminal: Terminal) -> None:
    """Wait until it takes no more processor time."""
    before = -1.0
    while terminal.cpu() - before > 0.05:
        before = terminal.cpu()
        terminal.rest(1.0)


def rows() -> list[Row]:
    """Show a million lines beside ten."""
    with tempfile.TemporaryDirectory(prefix="gonogo-bench-") as name:
        few = _shown(Path(name, "few"), 1, FEW)
        many = _shown(Path(name, "many"), ATTEMPTS, LINES)
    more, end = many[0] - few[0], percentile(many[1], 99)
    what = f"{ATTEMPTS * LINES:,} lines"
    return [
        Row(
            f"{what}: memory",
            f"{more:+.1f} MB",
            f"{FEW}: {few[0]:.0f} MB",
            None,
            f"<= {MOST} MB",
            more <= MOST,
        ),
        Row("  jump to the end, p99", milliseconds(end), "", None, "<= 50 ms", end <= 0.05),
        lateness(many[2]),
    ]
