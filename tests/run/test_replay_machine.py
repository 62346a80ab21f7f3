"""Random runs, with edited runbooks, jumps and crashes, replayed: any place is what the plain fold has."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from gonogo.run.replay.recorded import Recorded

from .recorded import write_records
from .test_machine import Runs, go_home
from .test_replay import facts, whole
from .world import World


def replayed(world: World, run: Path) -> None:
    """Write a run down and go to its places in any order."""
    write_records(run, [json.loads(line) for line in world.lines])
    for name, plan in world.plans.items():
        (run / "runbook" / name).write_bytes(plan.dump())
    replay = Recorded(run)
    replay.index._stride = 5
    replay.read()
    assert replay.index.trust == ""
    assert replay.count == len(world.lines)
    order = list(range(1, replay.count + 1))
    random.Random(len(order)).shuffle(order)
    for count in order[:12]:
        replay.seek(count)
        for turn in range(len(replay.state.turns)):
            replay.fill(turn)
        assert facts(replay.state) == facts(whole(run, count))


class Replays(Runs):
    """Each run is replayed once it is over."""

    def teardown(self) -> None:
        """Go home, and back to places on the way."""
        if hasattr(self, "world"):
            go_home(self.world)
            with tempfile.TemporaryDirectory() as folder:
                replayed(self.world, Path(folder))


TestReplays = Replays.TestCase
TestReplays.settings = settings(
    max_examples=30, stateful_step_count=25, suppress_health_check=list(HealthCheck)
)
del Runs
