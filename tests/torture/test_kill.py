"""The run's process killed at every write and every sync of its trail, and gone on with."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.trail.reader import Verdict, read_all
from tests.torture.ground import (
    LONG,
    Ground,
    compare,
    ended,
    kill,
    possible_trails,
    records_of,
    until,
    writer_of,
)

RUNBOOK = """---
gonogo: 1
title: Kill
---

## One

```sh {id=one}
echo one/run >> journal
```

## Two

```sh {id=two}
echo two/run >> journal
```

```sh {check}
echo two/check >> journal
```

## Three

```sh {id=three retries=1}
echo three/run >> journal; test $(grep -c three/run journal) -gt 2
```
"""


def _answers(ground: Ground, at_failure: str) -> Path:
    failing = [
        f"{{step: {step}, at: failure, answer: {at_failure}, reason: seen}}"
        for step in ("one", "two", "three")
    ]
    going = [f"{{step: {step}, at: go, answer: go}}" for step in ("one", "two", "three")]
    return ground.answers(*failing * 3, *going)


def _one_kill(ground: Ground, strace: str, call: str, number: int) -> bool:
    """Kill a run at a call of its trail, go on with it, compare; return whether it was killed."""
    answers = _answers(ground, ("retry-failed", "by-hand")[number % 2])
    before = [strace, "-f", "-qq", "-o", "/dev/null", f"--trace={call}", *possible_trails(ground, "kill")]
    inject = f"--inject={call}:signal=KILL:when={number}"
    first = ground.gonogo("run", "kill.md", "--answers", answers, before=[*before, inject])
    at_death = ground.trail.read_bytes()
    records, reading = read_all(ground.trail)
    if reading.verdict is Verdict.COMPLETE:
        # Killed at the very last sync, the run has its end in the trail, and its screen no word of it.
        return first.returncode != 0
    assert first.returncode != 0
    compare(ground, records_of(at_death))
    if not records:
        assert reading.verdict is Verdict.EMPTY
        assert ground.journal == []
        return True
    going_on = ground.gonogo("resume", "last", "--answers", answers)
    assert going_on.returncode == 0, going_on.stdout + going_on.stderr
    whole = ground.trail.read_bytes()
    assert whole.startswith(at_death), "what was on disk changed"
    assert read_all(ground.trail)[1].verdict is Verdict.COMPLETE
    compare(ground, records_of(whole))
    return True


def _numbers(few: list[int]) -> list[int]:
    return list(range(1, 60)) if LONG else few


@pytest.mark.parametrize(("call", "few"), [("write", [4]), ("fdatasync", [5, 9])])
def test_a_kill_at_any_call_loses_nothing_and_repeats_nothing(
    tmp_path: Path,
    need: Callable[[str, str], str],
    record_property: Callable[[str, object], None],
    call: str,
    few: list[int],
) -> None:
    """Killed before a write or a sync of the trail, the run goes on: what ran is known, none ran unasked."""
    strace = need("strace", "strace")
    killed = 0
    for number in _numbers(few):
        ground = Ground(tmp_path / str(number))
        ground.write("kill.md", RUNBOOK)
        if not _one_kill(ground, strace, call, number):
            break
        killed += 1
    assert killed >= len(few)
    record_property("figures", f"killed at each of {killed} calls of {call}; each run went on to its end")


def test_strace_sees_the_trail(ground: Ground, need: Callable[[str, str], str]) -> None:
    """What is killed at is the trail: every record's write and sync shows, in this order."""
    ground.write("kill.md", RUNBOOK)
    log = ground.folder / "log"
    before = [need("strace", "strace"), "-f", "-qq", "-o", log, "--trace=write,fdatasync"]
    done = ground.gonogo(
        "run",
        "kill.md",
        "--answers",
        _answers(ground, "by-hand"),
        before=[*before, *possible_trails(ground, "kill")],
    )
    assert done.returncode == 0, done.stderr
    calls = re.findall(r"(write|fdatasync)\(", log.read_text())
    assert len(calls) >= 20
    assert calls == ["write", "fdatasync"] * (len(calls) // 2)


def test_a_run_torn_behind_its_end_is_complete_once_resumed(ground: Ground) -> None:
    """Zeros that a power cut left behind the last record: resume takes them off, and nothing runs."""
    ground.write("kill.md", RUNBOOK)
    assert ground.gonogo("run", "kill.md", "--answers", _answers(ground, "by-hand")).returncode == 0
    ran = ground.journal
    ground.trail.chmod(0o600)
    with ground.trail.open("ab") as file:
        file.write(bytes(300))
    assert read_all(ground.trail)[1].verdict is Verdict.TORN
    assert ground.gonogo("resume", "last").returncode == 0
    assert read_all(ground.trail)[1].verdict is Verdict.COMPLETE
    assert ground.journal == ran


LOOKING = """---
gonogo: 1
title: Kill
monitors:
  - name: beat
    run: echo beat/run >> beats; wc -l < beats
    every: 1s
---

## One

```sh {id=one}
echo one/run >> journal
```

## Tests <!-- gonogo: test -->

```sh {id=slow read-only}
test -e go || sleep 300
```
"""


def test_a_kill_while_tests_and_monitors_are_out_only_breaks_the_round(ground: Ground) -> None:
    """Samples and rounds of before stay; the broken round is said to be, and a new one runs to its end."""
    ground.write("kill.md", LOOKING)
    first = "{step: one, at: go, answer: go, test: true}"
    answers = ground.answers("{at: start, answer: go}", first, "{at: end, answer: go}")
    with ended(ground.start("run", "kill.md", "--answers", answers)):
        until(lambda: ground.runs.exists() and any(ground.runs.iterdir()), "a run")
        until(
            lambda: {b"test.start", b"monitor.sample"} <= set(_kinds(ground.trail)), "a test and a sample out"
        )
        kill(writer_of(ground.trail))
    at_death = ground.trail.read_bytes()
    ground.write("go", "")
    done = ground.gonogo("resume", "last", "--answers", ground.answers(first, "{at: end, answer: go}"))
    assert done.returncode == 0, done.stdout + done.stderr
    records, reading = read_all(ground.trail)
    assert reading.verdict is Verdict.COMPLETE
    assert ground.trail.read_bytes().startswith(at_death)
    ends = [one.get("why") for one in records if one["k"] == "test.end"]
    assert ends == ["the run's process died", None]
    resumed = next(one["n"] for one in records if one["k"] == "run.resume")
    samples = [one["n"] > resumed for one in records if one["k"] == "monitor.sample"]
    assert set(samples) == {False, True}
    assert ground.journal == ["one/run"]


def _kinds(trail: Path) -> list[bytes]:
    return re.findall(rb'"k":"([a-z.]+)"', trail.read_bytes()) if trail.exists() else []
