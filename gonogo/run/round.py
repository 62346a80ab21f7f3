"""One script out on its hosts: from `starting` to the last exit, written down as it happens."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gonogo.format.model import Options
from gonogo.text import clean_bytes, clean_line
from gonogo.trail.output import OutputWriter, output_path
from gonogo.trail.redact import Redactor
from gonogo.trail.writer import TrailWriter

from .judge import judge
from .plan import Turn
from .ports import Exit, Held, Stream
from .runner import allowed_failures
from .state import BAD, HostState, Phase, RunState

EXCERPT = 500
"""Bytes of output that go into the record, so that grep finds them."""
JUDGED = 1 << 20
"""Bytes of stdout kept in memory while they have to be compared or matched."""
GROUP = 500
"""Host names in one host.start record."""


class Round:
    """The sink of one execution. `record` writes to the trail and folds."""

    def __init__(
        self,
        run: Path,
        trail: TrailWriter,
        state: RunState,
        turn: Turn,
        phase: Phase,
        options: Options,
        secrets: Iterable[str],
        baselines: dict[str, bytes],
    ) -> None:
        self._trail, self._state = trail, state
        self._turn, self._phase, self._options = turn, phase, options
        self._turn_state = state.turns[turn.index]
        self._attempt = self._turn_state.attempt
        self._writer = OutputWriter(output_path(run, turn.index, self._attempt))
        self._secrets = tuple(secrets)
        self._redactors: dict[tuple[str, Stream], Redactor] = {}
        self._baselines = baselines
        self._began: dict[str, int] = {}
        self._excerpts: dict[str, bytes] = {}
        self._stdout: dict[str, bytearray] = {}
        self._keeps_stdout = phase is Phase.RUN and bool(
            options.expect or options.expect_not or options.same_as
        )
        self._failed = len(self._turn_state.in_state(HostState.LEFT_OUT))
        self._allowed: float = math.inf
        if phase is Phase.RUN and options.max_failures is not None:
            self._allowed = allowed_failures(options.max_failures, len(turn.hosts))
        self._group: list[str] = []
        self._announcing: asyncio.Task[None] | None = None

    async def starting(self, host: str) -> None:
        """Return once `host.start` is on disk; hosts that start together share a record and a sync.

        Past `max-failures` nothing new starts.
        """
        if self._failed > self._allowed:
            raise Held("more hosts have failed than max-failures allows")
        self._group.append(host)
        if self._announcing is None:
            self._announcing = asyncio.create_task(self._announce())
        await asyncio.shield(self._announcing)
        self._began[host] = self._trail.clock.now()

    async def _announce(self) -> None:
        await asyncio.sleep(0)
        hosts, self._group, self._announcing = self._group, [], None
        for at in range(0, len(hosts), GROUP):
            self._record("host.start", hosts=hosts[at : at + GROUP])
        await self._trail.commit()

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Mask secrets, keep the bytes, remember the first of them for the record."""
        if self._options.no_output:
            return
        if self._secrets:
            data = self._redactor(host, stream).feed(data)
        self._keep(host, stream, data)

    def exited(self, host: str, end: Exit) -> None:
        """Judge the host and write its exit. With no trail to write to, it stays unrecorded."""
        if self._trail.poison:
            return
        if self._secrets and not self._options.no_output:
            for stream in Stream:
                self._keep(host, stream, self._redactor(host, stream).finish())
        now = self._trail.clock.now()
        summary = self._writer.finish(now, host)
        stdout = bytes(self._stdout.pop(host, b""))
        state, why = judge(self._options, self._phase, end, stdout, self._baselines.get(host))
        self._failed += state in BAD
        fields: dict[str, Any] = {"host": host, "state": state.value, "how": end.how.value}
        if end.code is not None:
            fields["code"] = end.code
        if end.signal is not None:
            fields["signal"] = clean_line(end.signal)
        if why:
            fields["why"] = self._redact(clean_line(why))[:2000]
        fields |= {"ns": now - self._began.get(host, now), "out": summary.out, "err": summary.err}
        fields["digest"] = summary.digest
        if excerpt := self._excerpts.pop(host, b""):
            fields["excerpt"] = clean_bytes(excerpt).rstrip()
        self._record("host.exit", **fields)
        if summary.dropped:
            self._record("gap", host=host, bytes=summary.dropped, why="more than is kept of one stream")

    def flush(self) -> None:
        """Let readers see the output so far."""
        self._writer.flush()

    def close(self) -> None:
        """Close the output file."""
        self._writer.close()

    def _keep(self, host: str, stream: Stream, data: bytes) -> None:
        if not data:
            return
        self._writer.write(self._trail.clock.now(), host, stream.value, data)
        room = EXCERPT - len(self._excerpts.get(host, b""))
        if room > 0:
            self._excerpts[host] = self._excerpts.get(host, b"") + data[:room]
        if self._keeps_stdout and stream is Stream.OUT:
            kept = self._stdout.setdefault(host, bytearray())
            kept += data[: JUDGED - len(kept)]

    def _redactor(self, host: str, stream: Stream) -> Redactor:
        found = self._redactors.get((host, stream))
        if found is None:
            found = self._redactors[host, stream] = Redactor(self._secrets)
        return found

    def _redact(self, text: str) -> str:
        return Redactor(self._secrets).text(text) if self._secrets else text

    def _record(self, kind: str, **fields: Any) -> None:
        identity = {"turn": self._turn.index, "phase": self._phase.value, "attempt": self._attempt}
        self._state.apply(self._trail.add(kind, **identity, **fields))
