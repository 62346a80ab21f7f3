"""One of a step's scripts out on the hosts of a turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gonogo.format.model import Options
from gonogo.trail.output import output_path

from .attempt import Attempt, told
from .judge import ends_the_run, judge
from .keeping import Heard
from .plan import Turn
from .ports import Exit, Held
from .runner import allowed_failures
from .scribe import Scribe
from .words import BAD, HostState, Phase


class Round(Attempt):
    """The sink of one execution on `hosts`."""

    def __init__(
        self,
        run: Path,
        scribe: Scribe,
        turn: Turn,
        phase: Phase,
        options: Options,
        hosts: Iterable[str],
        baselines: Mapping[str, bytes],
    ) -> None:
        self._turn, self._phase, self._baselines = turn, phase, baselines
        self._turn_state = scribe.state.turns[turn.index]
        attempt = self._turn_state.attempt
        identity = {"turn": turn.index, "phase": phase.value, "attempt": attempt}
        judged = options.expect or options.expect_not or options.same_as
        path = output_path(run, turn.index, attempt)
        stdout = phase is Phase.RUN and bool(judged)
        super().__init__(path, scribe, "host", identity, options, hosts, stdout=stdout)
        self._allowed = (
            allowed_failures(options.max_failures, len(turn.hosts)) if phase is Phase.RUN else float("inf")
        )
        # Those left out before have used up what may fail, but never keep the others from starting.
        self._failed = min(len(self._turn_state.in_state(HostState.LEFT_OUT)), self._allowed)

    async def starting(self, host: str) -> None:
        """Return once `host.start` is on disk.

        Past `max-failures`, or after an exit code that stops the run, nothing new starts.
        """
        if self._failed > self._allowed:
            raise Held("more hosts have failed than may")
        await super().starting(host)

    def _judged(self, host: str, end: Exit, heard: Heard) -> tuple[HostState, dict[str, Any]]:
        state, why = judge(self._options, self._phase, end, heard.stdout, self._baselines.get(host))
        warned = self._turn_state.hosts[host].warned
        if self._phase is Phase.CHECK and state is HostState.OK and warned:
            state, why = HostState.WARN, warned
        self._failed += state in BAD
        more: dict[str, Any] = dict(told(why))
        if ends_the_run(self._options, self._phase, end):
            self._failed, self._allowed = 1, 0
            more["stops"] = True
        if self._options.interactive and self._phase is Phase.RUN:
            more["output"] = "not captured: the operator's terminal"
        return state, more

    def forget(self, host: str, why: str) -> None:
        """Say that it cannot be known what became of a host's command."""
        if self._left.pop(host, host) is None:
            self._scribe.record("host.unknown", turn=self._turn.index, hosts=[host], why=why)

    def _is_running(self, host: str) -> bool:
        return self._turn_state.hosts[host].state is HostState.RUNNING
