"""Captured output: read back from the run's own files, so that a resumed run has the same values."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gonogo.trail.output import chunks, output_path

from .rundata import RunData
from .words import HostState

_GOOD = frozenset({HostState.OK, HostState.WARN})
VALUE_LIMIT = 64 << 10
"""Bytes of a captured value that go into a command's environment."""


class Captures:
    """Values by name and host. What a step captures that has one host in all is everybody's."""

    def __init__(self, run: Path, state: RunData) -> None:
        self._run, self._state = run, state
        self._read: dict[tuple[int, int], dict[str, bytes]] = {}

    def values(self, name: str | None, hosts: Iterable[str]) -> dict[str, bytes]:
        """Return a capture's bytes for each of the hosts that has one."""
        return {} if name is None else self._captured("capture", name, hosts)

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
            for host, output in self._captured("capture_keys", keys, hosts).items():
                found[host] |= _pairs(output, keys)
        return found

    def _captured(self, option: str, value: object, hosts: Iterable[str]) -> dict[str, bytes]:
        """Return what the latest step with this option printed, for each host that has it from there."""
        shared: list[bytes] = []
        own: dict[str, bytes] = {}
        for turn, state in zip(self._state.plan.turns, self._state.turns, strict=True):
            planned = self._state.plan.step_of(turn)
            if getattr(planned.step.options, option) != value:
                continue
            for host, run in state.hosts.items():
                if run.state not in _GOOD or not run.ran or state.running:
                    continue
                if len(planned.hosts) == 1:
                    shared, own = [self._stdout(turn.index, run.ran, host)], {}
                else:
                    own[host] = self._stdout(turn.index, run.ran, host)
        return {host: own.get(host, *shared) for host in hosts if host in own or shared}

    def _stdout(self, turn: int, attempt: int, host: str) -> bytes:
        """Return a host's stdout in one attempt; several hosts' are read at once, and kept."""
        if (turn, attempt) not in self._read:
            pieces: dict[str, list[bytes]] = {}
            for chunk in chunks(output_path(self._run, turn, attempt)):
                if chunk.stream == "o":
                    pieces.setdefault(chunk.host, []).append(chunk.data)
            self._read[turn, attempt] = {name: b"".join(data) for name, data in pieces.items()}
        return self._read[turn, attempt].get(host, b"")


def _pairs(output: bytes, keys: tuple[str, ...]) -> dict[str, str]:
    """Return the last `KEY=VALUE` line for each of the keys; any other line is only output."""
    found = {}
    for line in output.decode("utf-8", "replace").split("\n"):
        key, equals, value = line.rstrip("\r").partition("=")
        if equals and key in keys and len(value) <= VALUE_LIMIT and "\0" not in value:
            found[key] = value
    return found
