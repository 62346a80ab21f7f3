"""The run's state: the fold of its records over its plan, and nothing else.

The live screen, a second viewer, resume, replay and the reports all fold the same records here.
"""

from __future__ import annotations

from collections.abc import Callable

from gonogo.errors import TrailError
from gonogo.text import clean_line

from .fold.kinds import HANDLERS
from .plan import Plan
from .rundata import Approved, Decision, Gate, HostRun, Past, Reached, Record, RunData, TurnState
from .words import BAD, IDLE, UNTOUCHED, WHOLE, Answer, At, HostState, Phase

__all__ = [
    "BAD",
    "IDLE",
    "UNTOUCHED",
    "WHOLE",
    "Answer",
    "Approved",
    "At",
    "Decision",
    "Gate",
    "HostRun",
    "HostState",
    "Past",
    "Phase",
    "Reached",
    "Record",
    "RunState",
    "TurnState",
]


class RunState(RunData):
    """The whole run. Build it with `RunState.of(plan)`, then `apply` every record in order."""

    @staticmethod
    def of(plan: Plan, load: Callable[[str], Plan] | None = None) -> RunState:
        """Return the state before the first record. `load` reads a later plan of the run by its name."""
        turns = [TurnState({host: HostRun() for host in turn.hosts}) for turn in plan.turns]
        return RunState(plan, turns, load=load)

    def apply(self, record: Record) -> None:
        """Fold one record in; raise TrailError for one that cannot be of this run.

        Kinds from later versions change nothing.
        """
        self.now = max(self.now, int(record["m"]))
        self.count += 1
        handler = HANDLERS.get(record["k"])
        if handler is None:
            return
        try:
            handler(self, record)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            what = f"record {record.get('n')} ({record['k']}) does not fit this run's plan: {error!r}"
            raise TrailError(clean_line(what), "`gonogo verify` tells more.") from None
