"""The program as its user starts it, in folders of the test's own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from glob import iglob
from pathlib import Path

import pytest

from gonogo.executors.lab import Lab
from gonogo.executors.lab import start as start_lab
from tests.program import ran

Gonogo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Runs and sockets in folders of the test's own."""
    (tmp_path / "sockets").mkdir(mode=0o700)
    return {
        **os.environ,
        "GONOGO_RUNS": str(tmp_path / "runs"),
        "XDG_RUNTIME_DIR": str(tmp_path / "sockets"),
        "TERM": "dumb",
    }


@pytest.fixture
def gonogo(tmp_path: Path, environment: dict[str, str]) -> Iterator[Gonogo]:
    """Run the program without a terminal; return what it said and its exit code. Runs end with the test."""

    def call(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return ran(sys.executable, "-m", "gonogo", *words, cwd=tmp_path, env=environment | more)

    yield call
    for run in (tmp_path / "runs").glob("*"):
        with contextlib.suppress(AssertionError, ProcessLookupError):
            os.kill(process_of(run), signal.SIGTERM)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Six simulated hosts, the group web of an inventory."""
    (tmp_path / "hosts.ini").write_text("[web]\nweb[1:6]\n")
    running = start_lab(tmp_path / "hosts.ini", None, tmp_path / "lab")
    yield running
    running.stop()


def process_of(run: Path) -> int:
    """Return the process that holds the run's trail open."""
    # Unlike Path.glob this passes over processes that end meanwhile.
    for descriptor in map(Path, iglob("/proc/[0-9]*/fd/*")):
        try:
            if descriptor.readlink() == run / "audit.jsonl":
                return int(descriptor.parts[2])
        except OSError:
            continue
    raise AssertionError("no process drives the run")
