"""The run killed at random moments of a wide step, each time gone on with and compared with the hosts."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gonogo.executors.lab import Lab
from gonogo.run.client import load_plan
from gonogo.run.state import HostState, RunState
from gonogo.trail.reader import Verdict, read_all
from tests.lab.fleet import fleet
from tests.torture.ground import (
    LONG,
    Ground,
    Record,
    assert_each_was_asked_for,
    ended,
    kill,
    times,
    until,
    writer_of,
)

HOSTS = [f"h{number:02}" for number in range(1, times(12, 40) + 1)]
SHARDS = times(1, 4)
"""The long variant is cut so that it runs on several processors."""
RUNBOOK = """---
gonogo: 1
title: Wide
---

## Work

```sh {{hosts=all id=work timeout=20s}}
: {name}
echo {name} >> began
echo it works
sleep 0.{pause}
echo {name} >> done
```

## After

```sh {{hosts=all id=after}}
: {name}
echo {name} >> after
```
"""
CHOICES = ("retry-failed", "by-hand", "leave-out", "retry-all")
SETTLED = {HostState.OK, HostState.FAILED, HostState.PENDING, HostState.UNKNOWN}
DECIDED = {HostState.BY_HAND, HostState.LEFT_OUT}
"""What an operator made of hosts after an earlier crash."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Hosts that many runs go to, one after another."""
    with fleet(tmp_path_factory.mktemp("wide"), HOSTS) as made:
        yield made


def _marks(lab: Lab, file: str, name: str) -> Counter[str]:
    """Return how often each host wrote a run's name into a file: its own account of what it did."""
    found: Counter[str] = Counter()
    for host in HOSTS:
        path = lab.directory / "hosts" / host / "root" / file
        found[host] = path.read_text().split().count(name) if path.exists() else 0
    return +found


def _succeeded(lab: Lab, name: str) -> Counter[str]:
    """Return how often a command of a run ended well on each host, by the lab's journal."""
    lines = map(json.loads, lab.journal.read_text().splitlines()) if lab.journal.exists() else ()
    return Counter(line["host"] for line in lines if line["first"] == f": {name}" and line["exit"] == 0)


def _fold(ground: Ground, records: list[Record]) -> RunState:
    state = RunState.of(load_plan(ground.run))
    for record in records:
        state.apply(record)
    return state


def _killed_at(ground: Ground, words: list[object], size: int) -> bool:
    """Start the program and kill the run's process at a size of its trail; return whether in time."""
    with ended(ground.start(*words)) as screen:
        until(lambda: ground.runs.exists() and any(ground.runs.iterdir()), "a run begins")
        trail = ground.trail
        until(
            lambda: screen.poll() is not None or (trail.exists() and writer_of(trail)), "its process is there"
        )
        process = writer_of(trail)
        until(lambda: screen.poll() is not None or trail.stat().st_size >= size, "its trail grows")
        kill(process)
        until(lambda: not writer_of(trail), "it is gone")
    return read_all(trail)[1].verdict is not Verdict.COMPLETE


def _started(records: list[Record], turn: int) -> Counter[str]:
    return Counter(
        host for one in records if one["k"] == "host.start" and one["turn"] == turn for host in one["hosts"]
    )


def _compare(ground: Ground, lab: Lab, name: str, records: list[Record]) -> None:
    """Compare the trail with what the hosts themselves say."""
    assert_each_was_asked_for(records)
    doubtful = {host for one in records if one["k"] == "host.unknown" for host in one["hosts"]}
    for turn, file in enumerate(("began", "after")):
        started, ran = _started(records, turn), _marks(lab, file, name)
        assert ran <= started, f"the trail knows {started}, and {ran} ran"
        sure = [host for host in HOSTS if host not in doubtful]
        assert {host: ran[host] for host in sure} == {host: started[host] for host in sure}
    done, good = _marks(lab, "done", name), _succeeded(lab, name)
    for host, run in _fold(ground, records).turns[0].hosts.items():
        if run.state is HostState.OK:
            assert done[host] >= 1, f"{host} is ok in the trail, and did not come to its end"
            assert good[host] >= 1, f"{host} is ok in the trail, and the lab does not know of it"


def _assert_nothing_is_guessed(ground: Ground, at_death: bytes) -> int:
    """Assert that a resume calls unknown what was out, and nothing else; return how many hosts that is."""
    records, _ = read_all(ground.trail)
    whole = ground.trail.read_bytes()
    assert whole.startswith(at_death[: at_death.rfind(b"\n") + 1])
    before = at_death.count(b"\n")
    state = _fold(ground, records[:before])
    out = {host for turn in state.turns for host in turn.in_state(HostState.RUNNING)}
    resumed = next(one["n"] for one in records[before:] if one["k"] == "run.resume")
    unknown = [one for one in records[resumed:] if one["k"] == "host.unknown"][:1]
    called = set(unknown[0]["hosts"]) if unknown and out else set()
    assert called == out
    for one in records[before : resumed + 1 + len(unknown)]:
        state.apply(one)
    assert set(state.turns[0].counts()) <= SETTLED | DECIDED, state.turns[0].counts()
    return len(out)


def _once(ground: Ground, lab: Lab, name: str, size: int, chance: random.Random) -> tuple[int, int]:
    """Kill, go on (and perhaps kill again), compare; return the kills in time and the hosts left unknown."""
    words: list[object] = ["run", "wide.md", "-i", lab.inventory, "--yes"]
    kills = unknown = 0
    for _ in range(chance.choice((1, 1, 2)) if LONG else 1):
        if not _killed_at(ground, words, chance.randrange(size)):
            break
        at_death = ground.trail.read_bytes()
        kills += 1
        answer = chance.choice(CHOICES)
        entries = [
            f"{{step: {step}, at: failure, answer: {answer}, reason: seen}}" for step in ("work", "after")
        ]
        entries = [*entries * 3, "{step: after, at: end, answer: go}"]
        words = ["resume", "last", "--yes", "--answers", ground.answers(*entries)]
        if not read_all(ground.trail)[0]:
            assert not _marks(lab, "began", name)
            return kills, unknown
    else:
        done = ground.gonogo(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        unknown += _assert_nothing_is_guessed(ground, at_death)
    records, reading = read_all(ground.trail)
    assert reading.verdict is Verdict.COMPLETE, reading.why
    _compare(ground, lab, name, records)
    return kills, unknown


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_killed_run_is_gone_on_with_and_guesses_nothing(
    lab: Lab, tmp_path: Path, record_property: Callable[[str, object], None], shard: int
) -> None:
    """Killed at any moment of a wide step: what ran is known, none ran unasked, what was out is unknown."""
    chance = random.Random(shard)
    whole = Ground(tmp_path / "whole")
    whole.write("wide.md", RUNBOOK.format(name=f"whole{shard}", pause=0))
    done = whole.gonogo("run", "wide.md", "-i", lab.inventory, "--yes")
    assert done.returncode == 0, done.stderr
    size = whole.trail.stat().st_size
    kills = unknown = 0
    for number in range(times(5, 50)):
        ground = Ground(tmp_path / str(number))
        name = f"run{shard}.{number}"
        ground.write("wide.md", RUNBOOK.format(name=name, pause=chance.choice(("0", "02", "1", "3"))))
        killed, left = _once(ground, lab, name, size, chance)
        kills, unknown = kills + killed, unknown + left
    assert kills >= times(3, 40)
    record_property("figures", f"{kills} kills over {len(HOSTS)} hosts, {unknown} hosts unknown afterwards")
    assert unknown or not LONG
