"""One script out on its hosts: from `starting` to the last exit, written down as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gonogo.errors import TrailError
from gonogo.format.model import Options
from gonogo.text import clean_bytes, clean_line
from gonogo.trail.output import OutputWriter, Summary, output_path
from gonogo.trail.redact import Redactor

from .judge import JUDGED, ends_the_run, judge
from .plan import Turn
from .ports import Ended, Exit, Held, Stream
from .runner import allowed_failures
from .scribe import Scribe
from .words import BAD, HostState, Phase

EXCERPT = 500
"""Bytes of output that go into the record, so that grep finds them."""


class Round:
    """The sink of one execution on `hosts`. Raises TrailError when output cannot be kept."""

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
        self._scribe, self._turn, self._phase, self._options = scribe, turn, phase, options
        self._turn_state = scribe.state.turns[turn.index]
        self._attempt = self._turn_state.attempt
        self._baselines = baselines
        self._secrets = tuple(scribe.secrets.all())
        self._redactors: dict[tuple[str, Stream], Redactor] = {}
        self._left = dict.fromkeys(hosts)
        self._began: dict[str, int] = {}
        self._excerpts: dict[str, bytes] = {}
        self._stdout: dict[str, bytearray] = {}
        judged = options.expect or options.expect_not or options.same_as
        self._keeps_stdout = phase is Phase.RUN and bool(judged)
        self._allowed = (
            allowed_failures(options.max_failures, len(turn.hosts)) if phase is Phase.RUN else float("inf")
        )
        # Those left out before have used up what may fail, but never keep the others from starting.
        self._failed = min(len(self._turn_state.in_state(HostState.LEFT_OUT)), self._allowed)
        self._group: list[str] = []
        self._announcing: asyncio.Task[None] | None = None
        try:
            self._writer = OutputWriter(output_path(run, turn.index, self._attempt))
        except OSError as error:
            raise _unkept(error) from None

    async def starting(self, host: str) -> None:
        """Return once `host.start` is on disk; hosts that start together share a record and a sync.

        Past `max-failures`, or after an exit code that stops the run, nothing new starts.
        """
        if self._failed > self._allowed:
            raise Held("more hosts have failed than may")
        self._group.append(host)
        if self._announcing is None:
            self._announcing = asyncio.create_task(self._announce())
        await asyncio.shield(self._announcing)
        self._began[host] = self._scribe.now()

    async def _announce(self) -> None:
        await asyncio.sleep(0)
        hosts, self._group, self._announcing = self._group, [], None
        self._scribe.record_hosts("host.start", hosts, **self._identity())
        await self._scribe.commit()

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Mask secrets, keep the bytes, remember the first of them for the record."""
        if self._options.no_output or host not in self._left:
            return
        if self._secrets:
            data = self._redactor(host, stream).feed(data)
        self._keep(host, stream, data)

    def exited(self, host: str, end: Exit) -> None:
        """Judge the host and write its exit, once. With no trail to write to, it stays unrecorded."""
        if self._scribe.poison or host not in self._left:
            return
        summary = self._finish(host)
        del self._left[host]
        stdout = bytes(self._stdout.pop(host, b""))
        state, why = judge(self._options, self._phase, end, stdout, self._baselines.get(host))
        warned = self._turn_state.hosts[host].warned
        if self._phase is Phase.CHECK and state is HostState.OK and warned:
            state, why = HostState.WARN, warned
        self._failed += state in BAD
        if stops := ends_the_run(self._options, self._phase, end):
            self._failed, self._allowed = 1, 0
        fields: dict[str, Any] = {"host": host, "state": state.value, "how": end.how.value}
        if stops:
            fields["stops"] = True
        if end.code is not None:
            fields["code"] = end.code
        if self._options.interactive and self._phase is Phase.RUN:
            fields["output"] = "not captured: the operator's terminal"
        if end.signal is not None:
            fields["signal"] = clean_line(end.signal)
        if why:
            fields["why"] = clean_line(why)[:2000]
        now = self._scribe.now()
        fields |= {"ns": now - self._began.get(host, now), "out": summary.out, "err": summary.err}
        fields["digest"] = summary.digest
        if excerpt := self._excerpts.pop(host, b""):
            fields["excerpt"] = clean_bytes(excerpt).rstrip()
        self._scribe.record("host.exit", **self._identity(), **fields)
        if summary.dropped:
            lost = {"bytes": summary.dropped, "kept": summary.kept}
            why = "more than is kept of one stream"
            self._scribe.record("gap", **self._identity(), host=host, why=why, **lost)

    def abandon(self, why: str) -> None:
        """Report every host that was not heard of: lost where its command may have started."""
        for host in list(self._left):
            running = self._turn_state.hosts[host].state is HostState.RUNNING
            self.exited(host, Exit(Ended.LOST if running else Ended.UNREACHABLE, reason=why))

    def forget(self, host: str, why: str) -> None:
        """Say that it cannot be known what became of a host's command."""
        if self._left.pop(host, host) is None:
            self._scribe.record("host.unknown", turn=self._turn.index, hosts=[host], why=why)

    def flush(self) -> None:
        """Let readers see the output so far."""
        try:
            self._writer.flush()
        except OSError as error:
            raise _unkept(error) from None

    def close(self) -> None:
        """Close the output file."""
        try:
            self._writer.close()
        except OSError as error:
            raise _unkept(error) from None

    def _finish(self, host: str) -> Summary:
        """Store what is still held back of a host's output. What cannot be stored is only counted."""
        try:
            if self._secrets and not self._options.no_output:
                for stream in Stream:
                    self._keep(host, stream, self._redactor(host, stream).finish())
            return self._writer.finish(self._scribe.now(), host)
        except (OSError, TrailError):
            self._scribe.record("gap", **self._identity(), host=host, bytes=0, why="it could not be kept")
            return Summary(0, 0, "", 0, "")

    def _keep(self, host: str, stream: Stream, data: bytes) -> None:
        if not data:
            return
        try:
            self._writer.write(self._scribe.now(), host, stream.value, data)
        except OSError as error:
            raise _unkept(error) from None
        room = EXCERPT - len(self._excerpts.get(host, b""))
        if room > 0:
            self._excerpts[host] = self._excerpts.get(host, b"") + data[:room]
        if self._keeps_stdout and stream is Stream.OUT:
            kept = self._stdout.setdefault(host, bytearray())
            kept += data[: JUDGED + 1 - len(kept)]

    def _redactor(self, host: str, stream: Stream) -> Redactor:
        found = self._redactors.get((host, stream))
        if found is None:
            found = self._redactors[host, stream] = Redactor(self._secrets)
        return found

    def _identity(self) -> dict[str, Any]:
        return {"turn": self._turn.index, "phase": self._phase.value, "attempt": self._attempt}


def _unkept(error: OSError) -> TrailError:
    return TrailError(f"what the hosts print cannot be kept: {error.strerror}", "Free the disk.")
