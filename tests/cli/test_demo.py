"""`gonogo demo` ends with all that it began, however it ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gonogo.run.state import Answer
from gonogo.trail.reader import Reading

from .conftest import process_of
from .test_byhand_keyboard import PATIENCE, Sit, sit

__all__ = ["sit"]
DEMO = (sys.executable, "-m", "gonogo", "demo", "--plain")


def _over(tmp_path: Path) -> list[dict[str, object]]:
    """Return the run's records once its process, and every other one that the demo began, is gone."""
    (run,) = (tmp_path / "runs").iterdir()
    mark = f"GONOGO_RUNS={tmp_path / 'runs'}".encode()
    deadline = time.monotonic() + PATIENCE
    while _marked(mark) and time.monotonic() < deadline:
        select.select([], [], [], 0.05)
    assert not _marked(mark)
    return list(Reading(run / "audit.jsonl").records())


def _marked(mark: bytes) -> list[str]:
    """Return the processes with a word in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in place.read_bytes().split(b"\0"):
                found.append(place.parent.name)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_and_the_hosts_too(sit: Sit, tmp_path: Path, number: signal.Signals) -> None:
    """At a question: it is answered with no-go, and the record says why."""
    with sit(*DEMO) as sat:
        sat.read_until(b"detach]: ")
        sat.program.send_signal(number)
        assert sat.program.wait(PATIENCE) == -number
        records = _over(tmp_path)
    (answer,) = [one for one in records if one["k"] == "gate.answer"]
    assert (answer["answer"], answer["reason"]) == (Answer.NO_GO, "the rehearsal was ended")
    assert any(one["k"] == "run.end" for one in records)


def test_commands_are_cancelled_when_nobody_could_say_a_word(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """Killed while commands are out: they are ended, and so is the run."""
    words = (*DEMO, "--auto")
    with subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as demo:
        assert demo.stdout is not None
        assert any(b"] Fetch the package lists" in line for line in demo.stdout)
        demo.kill()
    assert [one["result"] for one in _over(tmp_path) if one["k"] == "run.end"] in (["aborted"], ["no-go"])


def test_who_leaves_comes_back_to_run_and_hosts(sit: Sit, tmp_path: Path) -> None:
    """The run waits, and its hosts with it, until somebody ends them."""
    with sit(*DEMO) as sat:
        sat.walk((b"detach]: ", b"detach\n"))
        said = sat.read_until(b"` ends them")
        assert sat.program.wait(PATIENCE) == 3
        (run,) = (tmp_path / "runs").iterdir()
        assert process_of(run)
        os.kill(int(said.rpartition(b"kill ")[2].partition(b"`")[0]), 0)
