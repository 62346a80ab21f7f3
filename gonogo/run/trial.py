"""One test of the test plan out on its hosts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gonogo.format.model import Options
from gonogo.trail.output import round_path

from .attempt import Attempt, told
from .comparing import HostResult
from .judge import JUDGED, judge
from .keeping import Heard
from .ports import Exit
from .scribe import Scribe
from .words import BAD, HostState, Phase


class Trial(Attempt):
    """The sink of one test in one round; `results` are what its hosts came to."""

    def __init__(
        self,
        run: Path,
        scribe: Scribe,
        number: tuple[int, int],
        step: str,
        options: Options,
        hosts: Iterable[str],
        baselines: Mapping[str, bytes],
    ) -> None:
        """Begin; `number` is the round's, and the test's index into the plan's tests."""
        self.results: dict[str, HostResult] = {}
        self.cancelled = False
        """The operator ended it."""
        self._baselines = baselines
        identity = {"round": number[0], "test": number[1], "step": step}
        super().__init__(round_path(run, *number), scribe, "test", identity, options, hosts, stdout=True)

    def _judged(self, host: str, end: Exit, heard: Heard) -> tuple[HostState, dict[str, Any]]:
        state, why = judge(self._options, Phase.RUN, end, heard.stdout, self._baselines.get(host))
        # An exit code that asks for another try gets none in a round.
        state = HostState.FAILED if state is HostState.AGAIN else state
        self.cancelled = self.cancelled or state is HostState.CANCELLED
        whole = len(heard.stdout) <= JUDGED
        stdout = hashlib.sha256(heard.stdout.rstrip()).hexdigest() if whole else heard.summary.digest
        self.results[host] = HostResult(state not in BAD, why, stdout)
        return state, {**told(why), "stdout": stdout}
