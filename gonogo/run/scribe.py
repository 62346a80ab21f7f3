"""Writing down what happens: each record goes into the trail and is folded in at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gonogo.errors import RunError, TrailError
from gonogo.trail.record import BadLine
from gonogo.trail.writer import TrailWriter

from .masking import Secrets
from .state import RunState

TEXTS = frozenset({"text", "tag", "link", "reason", "why", "diff", "excerpt"})
"""Fields that hold what people and hosts say; secrets in them are masked."""
_ROUTINE = frozenset({"monitor.sample", "seal"})
GROUP = 256 << 10
"""Bytes of host names in one record, which holds 1 MiB at most."""


class Scribe:
    """The pen of one run: nobody else writes to its trail or changes its state."""

    def __init__(self, trail: TrailWriter, state: RunState, secrets: Secrets) -> None:
        self.trail, self.state, self.secrets = trail, state, secrets
        self.notable = 0
        """Records up to the last one that says more than a look of a monitor, or a seal."""

    def now(self) -> int:
        """Return nanoseconds since the run began."""
        return self.trail.clock.now()

    @property
    def poison(self) -> TrailError | None:
        """Why nothing can be written any more, if so."""
        return self.trail.poison

    def record(self, kind: str, **fields: Any) -> None:
        """Write one record; raise TrailError when nothing can be written, RunError when it is too long."""
        for name in TEXTS.intersection(fields):
            fields[name] = self.secrets.hide(fields[name])
        try:
            record = self.trail.add(kind, **fields)
        except BadLine as error:
            raise RunError(f"that cannot be recorded: {error}") from None
        if kind not in _ROUTINE:
            self.notable = record["n"] + 1
        self.state.apply(record)

    def record_hosts(self, kind: str, hosts: Iterable[str], **fields: Any) -> None:
        """Write a record about hosts; several, when there are too many for one."""
        for names in _grouped(hosts):
            self.record(kind, hosts=names, **fields)

    async def commit(self) -> None:
        """Return once all that was recorded is on disk; raise TrailError when it can't be."""
        await self.trail.commit()


def _grouped(hosts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the names in lists that fit into a record; one empty list for none."""
    names: list[str] = []
    size = 0
    for host in hosts:
        if size > GROUP:
            yield names
            names, size = [], 0
        names.append(host)
        size += len(host.encode("utf-8", "replace")) + 3
    yield names
