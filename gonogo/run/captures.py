"""Captured output: read back from the run's own files, so that a resumed run has the same values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gonogo.trail.output import OutputReader, output_path

from .rundata import RunData
from .words import HostState

_GOOD = frozenset({HostState.OK, HostState.WARN})
VALUE_LIMIT = 64 << 10
"""Bytes of a captured value that go into a command's environment."""


class Captures:
    """Values by name and host. A value captured on one host only is everybody's."""

    def __init__(self, run: Path, state: RunData) -> None:
        self._run, self._state = run, state
        self._read: dict[tuple[int, int], dict[str, bytes]] = {}

    def values(self, name: str | None, hosts: Iterable[str]) -> dict[str, bytes]:
        """Return a capture's bytes for each of the hosts that has one."""
        if name is None:
            return {}
        return _shared(self._captured("capture", name), hosts)

    def environments(self, hosts: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return, for each host, every capture as environment variables, without trailing newlines."""
        hosts = list(hosts)
        found: dict[str, dict[str, str]] = {host: {} for host in hosts}
        options = [planned.step.options for planned in self._state.plan.steps]
        for name in sorted(filter(None, {one.capture for one in options})):
            for host, value in self.values(name, hosts).items():
                if len(value) <= VALUE_LIMIT and b"\0" not in value:
                    found[host][name] = value.decode("utf-8", "replace").rstrip("\n")
        for keys in sorted({one.capture_keys for one in options if one.capture_keys}):
            for host, output in _shared(self._captured("capture_keys", keys), hosts).items():
                found[host] |= _pairs(output, keys)
        return found

    def _captured(self, option: str, value: object) -> dict[str, bytes]:
        """Return what the latest step with this option printed, for each host that did it well."""
        found: dict[str, bytes] = {}
        for turn, state in zip(self._state.plan.turns, self._state.turns, strict=True):
            if getattr(self._state.plan.step_of(turn).step.options, option) != value:
                continue
            for host, run in state.hosts.items():
                if run.state in _GOOD and (output := self._stdout(turn.index, host)) is not None:
                    found[host] = output
        return found

    def _stdout(self, turn: int, host: str) -> bytes | None:
        """Return stdout of the host's latest attempt at the step's own script; None: there is none here."""
        if not self._state.turns[turn].attempt:
            return None
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


def _shared(found: dict[str, bytes], hosts: Iterable[str]) -> dict[str, bytes]:
    """Return each host's own value; one captured on a single host is everybody's."""
    if len(found) == 1:
        value = next(iter(found.values()))
        return dict.fromkeys(hosts, value)
    return {host: found[host] for host in hosts if host in found}


def _pairs(output: bytes, keys: tuple[str, ...]) -> dict[str, str]:
    """Return the last `KEY=VALUE` line for each of the keys; any other line is only output."""
    found = {}
    for line in output.decode("utf-8", "replace").splitlines():
        key, equals, value = line.partition("=")
        if equals and key in keys and len(value) <= VALUE_LIMIT and "\0" not in value:
            found[key] = value
    return found
