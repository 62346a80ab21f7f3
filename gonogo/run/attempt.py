"""One script out on its hosts: from `starting` to the last exit, written down as it happens."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from gonogo.format.model import Options
from gonogo.text import clean_line

from .keeping import Heard, Keeping
from .ports import Ended, Exit, Stream
from .scribe import Scribe
from .words import HostState


class _Group(Struct):
    """Hosts that start together."""

    hosts: list[str] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once their start is on disk, or cannot be."""
    error: Exception | None = None
    work: asyncio.Task[None] | None = None


class Attempt(ABC):
    """A sink that writes `KIND.start` before hosts start and `KIND.exit` when they are heard of.

    Raises TrailError when output cannot be kept. `identity` are the fields that say which attempt it is.
    """

    def __init__(
        self,
        path: Path,
        scribe: Scribe,
        kind: str,
        identity: dict[str, Any],
        options: Options,
        hosts: Iterable[str],
        *,
        stdout: bool,
    ) -> None:
        self._scribe, self._kind, self._identity, self._options = scribe, kind, identity, options
        self._left = dict.fromkeys(hosts)
        self._began: dict[str, int] = {}
        self._group: _Group | None = None
        self._kept = Keeping(path, scribe, identity, stdout=stdout)

    @abstractmethod
    def _judged(self, host: str, end: Exit, heard: Heard) -> tuple[HostState, dict[str, Any]]:
        """Return what a host came to, and further fields of its record, `why` among them."""

    async def starting(self, host: str) -> None:
        """Return once that is on disk; hosts that start together share a record and a sync."""
        if self._group is None:
            self._group = _Group()
            self._group.work = asyncio.create_task(self._announce(self._group))
        group = self._group
        group.hosts.append(host)
        await group.told.wait()
        if group.error is not None:
            raise group.error
        self._began[host] = self._scribe.now()

    async def _announce(self, group: _Group) -> None:
        await asyncio.sleep(0)
        self._group = None
        try:
            self._scribe.record_hosts(f"{self._kind}.start", group.hosts, **self._identity)
            await self._scribe.commit()
        except Exception as error:
            group.error = error
        finally:
            group.told.set()

    def output(self, host: str, stream: Stream, data: bytes) -> None:
        """Keep what a host prints."""
        if not self._options.no_output and host in self._left:
            self._kept.take(host, stream, data)

    def exited(self, host: str, end: Exit) -> None:
        """Judge the host and write its exit, once. With no trail to write to, it stays unrecorded."""
        if self._scribe.poison or host not in self._left:
            return
        heard = self._kept.finish(host)
        del self._left[host]
        state, more = self._judged(host, end, heard)
        fields: dict[str, Any] = {"host": host, "state": state.value, "how": end.how.value}
        if end.code is not None:
            fields["code"] = end.code
        if end.signal is not None:
            fields["signal"] = clean_line(end.signal)
        now, summary = self._scribe.now(), heard.summary
        fields |= more | {"ns": now - self._began.get(host, now), "out": summary.out, "err": summary.err}
        fields["digest"] = summary.digest
        if heard.excerpt:
            fields["excerpt"] = heard.excerpt
        if heard.lines:
            fields["lines"] = heard.lines
        self._scribe.record(f"{self._kind}.exit", **self._identity, **fields)
        self._kept.gap(host, summary)

    def abandon(self, why: str) -> None:
        """Report every host that was not heard of: lost where its command may have started."""
        for host in list(self._left):
            ended = Ended.LOST if self._is_running(host) else Ended.UNREACHABLE
            self.exited(host, Exit(ended, reason=why))

    def _is_running(self, host: str) -> bool:
        return host in self._began

    def flush(self) -> None:
        """Let readers see the output so far."""
        self._kept.flush()

    def close(self) -> None:
        """Close the output file."""
        self._kept.close()


def told(why: str) -> dict[str, str]:
    """Return the field that says why a host is not well, if there is something to say."""
    return {"why": clean_line(why)[:2000]} if why else {}
