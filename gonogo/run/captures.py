"""Captured output: read back from the run's own files, so that a resumed run has the same values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gonogo.trail.output import OutputReader, output_path

from .state import HostState, RunState

_GOOD = frozenset({HostState.OK, HostState.WARN})
VALUE_LIMIT = 64 << 10
"""Bytes of a captured value that go into a command's environment."""


class Captures:
    """Values by name and host. A value captured on one host only is everybody's."""

    def __init__(self, run: Path, state: RunState) -> None:
        self._run, self._state = run, state
        self._read: dict[tuple[int, int], dict[str, bytes]] = {}

    def values(self, name: str | None, hosts: Iterable[str]) -> dict[str, bytes]:
        """Return a capture's bytes for each of the hosts that has one."""
        if name is None:
            return {}
        found = self._captured(name)
        if len(found) == 1:
            shared = next(iter(found.values()))
            return {host: found.get(host, shared) for host in hosts}
        return {host: found[host] for host in hosts if host in found}

    def environments(self, hosts: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return, for each host, every capture as environment variables, without trailing newlines."""
        hosts = list(hosts)
        found: dict[str, dict[str, str]] = {host: {} for host in hosts}
        names = {planned.step.options.capture for planned in self._state.plan.steps}
        for name in sorted(filter(None, names)):
            for host, value in self.values(name, hosts).items():
                if len(value) <= VALUE_LIMIT and b"\0" not in value:
                    found[host][name] = value.decode("utf-8", "replace").rstrip("\n")
        return found

    def _captured(self, name: str) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for turn, state in zip(self._state.plan.turns, self._state.turns, strict=True):
            if self._state.plan.step_of(turn).step.options.capture != name:
                continue
            for host, run in state.hosts.items():
                if run.state in _GOOD and (value := self._stdout(turn.index, host)) is not None:
                    found[host] = value
        return found

    def _stdout(self, turn: int, host: str) -> bytes | None:
        """Return stdout of the host's latest attempt at the step's own script."""
        for attempt in range(self._state.turns[turn].attempt, 0, -1):
            if (turn, attempt) not in self._read:
                if self._state.turns[turn].running:
                    return None
                self._read[turn, attempt] = self._file(turn, attempt)
            found = self._read[turn, attempt].get(host)
            if found is not None:
                return found
        return b""

    def _file(self, turn: int, attempt: int) -> dict[str, bytes]:
        if attempt in self._state.turns[turn].not_run:
            return {}
        pieces: dict[str, list[bytes]] = {}
        for chunk in OutputReader(output_path(self._run, turn, attempt)).more(limit=1 << 62):
            if chunk.stream == "o":
                pieces.setdefault(chunk.host, []).append(chunk.data)
        return {host: b"".join(data) for host, data in pieces.items()}
