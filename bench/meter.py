"""Run a command and say what it took, with all that it started: `python -m bench.meter OUT COMMAND...`.

Processes that leave their parent come to this one (it is their subreaper), so a run's own process counts
too. Written to OUT as JSON: seconds of wall and of processor time, and the most private memory at once.
"""

from __future__ import annotations

import contextlib
import ctypes
import getpass
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_SUBREAPER = 36
EVERY = 0.2
"""Seconds between two looks at memory."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a command took. `wall` ends with the command, `cpu` counts all that it left behind, too."""

    code: int
    wall: float
    cpu: float
    private: int
    """Bytes."""


def measure(words: list[str], out: Path, **more: str) -> Taken:
    """Run a command under a meter of its own, its output going to a file; return what it took."""
    report = out.with_suffix(".meter")
    with out.open("wb") as file:
        subprocess.run(
            [sys.executable, "-m", "bench.meter", str(report), *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            # A login sets LOGNAME; without it asyncssh asks for the user's name at each connection.
            env=os.environ | {"PYTHONPATH": os.getcwd(), "LOGNAME": getpass.getuser()} | more,
            cwd=out.parent,
            check=True,
        )
    return Taken(**json.loads(report.read_text()))


def main() -> None:
    """Measure the command that was named."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    most = [0]
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(most, over))
    begun = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    watcher.start()
    code = process.wait()
    wall = time.perf_counter() - begun
    for pid in _below(os.getpid()) if code else ():
        # What a failed command left behind may wait for ever.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    over.set()
    watcher.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = {"code": code, "wall": wall, "cpu": used.ru_utime + used.ru_stime, "private": most[0]}
    Path(sys.argv[1]).write_text(json.dumps(taken))


def _watch(most: list[int], over: threading.Event) -> None:
    while not over.wait(EVERY):
        most[0] = max(most[0], sum(_private(pid) for pid in _below(os.getpid())))


def _below(top: int) -> list[int]:
    """Return the processes under one."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(name))
    found, rest = [], [top]
    while rest:
        children = parents.get(rest.pop(), [])
        found += children
        rest += children
    return found


def _private(pid: int) -> int:
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_"))


if __name__ == "__main__":
    main()
