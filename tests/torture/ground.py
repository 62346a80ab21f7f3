"""What torture tests share: a place of their own, the program as its user starts it, a process to kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

LONG = bool(os.environ.get("GONOGO_TORTURE"))
"""Whether the long variants run (`make torture`)."""
LIMIT = 60.0
"""Seconds after which something that should have happened counts as never happening."""
Record = dict[str, Any]
ASKED = ("retry-failed", "retry-all")


def times(few: int, many: int) -> int:
    """Return how often to try: `many` in the long variant."""
    return many if LONG else few


@dataclass(slots=True)
class Ground:
    """A folder with runs, sockets and a side-effect journal of its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "sockets").mkdir(mode=0o700, parents=True)
        self.environment = {
            **os.environ,
            "GONOGO_RUNS": str(self.runs),
            "XDG_RUNTIME_DIR": str(self.folder / "sockets"),
            "TERM": "dumb",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def runs(self) -> Path:
        """Where the run directories are."""
        return self.folder / "runs"

    @property
    def run(self) -> Path:
        """The latest run."""
        return max(self.runs.iterdir())

    @property
    def trail(self) -> Path:
        """The latest run's trail."""
        return self.run / "audit.jsonl"

    @property
    def journal(self) -> list[str]:
        """What commands wrote down themselves, a word for each that began."""
        path = self.folder / "journal"
        return path.read_text().split() if path.exists() else []

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_text(text)
        return path

    def answers(self, *entries: str) -> Path:
        """Write an answers file; each entry is a YAML mapping."""
        lines = "".join(f"  - {entry}\n" for entry in entries)
        return self.write("answers.yaml", f"gonogo-answers: 1\nanswers:\n{lines}")

    def start(self, *words: object, before: Sequence[object] = (), **variables: str) -> subprocess.Popen[str]:
        """Start the program without a terminal; `before` are the words of a program that runs it."""
        return subprocess.Popen(
            [*map(str, before), sys.executable, "-m", "gonogo", *map(str, words)],
            cwd=self.folder,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def gonogo(
        self, *words: object, before: Sequence[object] = (), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        process = self.start(*words, before=before, **variables)
        out, err = process.communicate(timeout=LIMIT)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def records_of(data: bytes) -> list[Record]:
    """Return the records of whole lines."""
    return [json.loads(line) for line in data[: data.rfind(b"\n") + 1].split(b"\n")[:-1]]


def until(condition: Callable[[], object], what: str) -> None:
    """Look until something is so; fail when it never is."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, f"it never came to this: {what}"
        time.sleep(0.001)


def writer_of(trail: Path) -> int:
    """Return the process that has a trail open for writing; 0 when there is none."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        # Processes and their files come and go while they are listed.
        with contextlib.suppress(OSError):
            if any(_writes(entry, trail) for entry in Path("/proc", process, "fd").iterdir()):
                return int(process)
    return 0


def _writes(entry: Path, trail: Path) -> bool:
    with contextlib.suppress(OSError):
        return entry.readlink() == trail and bool(entry.lstat().st_mode & 0o200)
    return False


def kill(process: int) -> None:
    """End a process at once, as a power switch would; 0 (see `writer_of`) is none."""
    # To the system, 0 means the caller's whole process group.
    if process > 0:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Have a process ended and its pipes read, whatever happens to the test."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def possible_trails(ground: Ground, slug: str) -> list[str]:
    """Name the trails that a run begun within the next seconds may have; strace wants to know beforehand."""
    now = datetime.now(UTC)
    names = [f"{now + timedelta(seconds=after):%Y%m%dT%H%M%SZ}-{slug}" for after in range(20)]
    return [f"--trace-path={ground.runs / name / 'audit.jsonl'}" for name in names]


def executions(records: list[Record]) -> Counter[str]:
    """Count how often the trail says that each step's script was sent, as `step/phase`."""
    steps: dict[int, str] = {}
    found: Counter[str] = Counter()
    for record in records:
        if record["k"] == "step.plan":
            steps[record["turn"]] = record["step"]
        elif record["k"] == "host.start":
            found[f"{steps[record['turn']]}/{record['phase']}"] += len(record["hosts"])
    return found


def assert_each_was_asked_for(records: list[Record]) -> None:
    """Assert that between two executions of a step's script on a host stands a word that asks for it."""
    ran: set[tuple[int, str, str]] = set()
    gates: dict[int, int] = {}
    for record in records:
        if record["k"] == "gate.ask":
            gates[record["gate"]] = record["turn"]
        asked = record["k"] in ("gate.answer", "step.settle") and record["answer"] in ASKED
        if asked:
            turn = record.get("turn", gates.get(record.get("gate", -1)))
            ran = {one for one in ran if one[0] != turn}
        elif record["k"] == "host.start":
            for host in record["hosts"]:
                one = (record["turn"], record["phase"], host)
                assert one not in ran, f"{one} ran again, and nobody asked: record {record['n']}"
                ran.add(one)


def compare(ground: Ground, records: list[Record]) -> None:
    """Assert that no command ran that the trail does not know, and none twice without being asked."""
    known, ran = executions(records), Counter(ground.journal)
    assert ran <= known, f"the trail knows {known}, and {ran} ran"
    assert_each_was_asked_for(records)
    ended = Counter(
        f"{step}/{record['phase']}"
        for record in records
        if record["k"] == "host.exit" and record["how"] == "exit"
        for step in {
            plan["step"] for plan in records if plan["k"] == "step.plan" and plan["turn"] == record["turn"]
        }
    )
    assert ended <= ran, f"the trail tells the ends of {ended}, and {ran} ran"
