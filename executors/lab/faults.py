"""Which fault strikes now. A command's fault is played by real commands, so that it can be ended for real."""

from __future__ import annotations

import shlex
from collections import Counter

from msgspec import Struct, field

from .scenario import WHOLE_HOST, Fault, Kind

_FOR_EVER = 10**8


class Faults(Struct):
    """Counts, on each host, how often each fault could have struck."""

    faults: tuple[Fault, ...]
    _seen: Counter[tuple[int, str]] = field(default_factory=Counter)

    def has(self, host: str, kind: Kind) -> bool:
        """Return whether a host has a fault for the whole time of the lab."""
        return any(fault.kind is kind and host in fault.hosts for fault in self.faults if kind in WHOLE_HOST)

    def refuses_login(self, host: str) -> bool:
        """Return whether this login is refused."""
        # All are counted, also behind one that strikes.
        struck = [
            self._strikes(number, host)
            for number, fault in enumerate(self.faults)
            if fault.kind is Kind.REFUSE_KEY
        ]
        return any(struck)

    def of_command(self, host: str, script: str) -> list[Fault]:
        """Return the faults that strike this command."""
        found = []
        for number, fault in enumerate(self.faults):
            if fault.kind in WHOLE_HOST or fault.kind is Kind.REFUSE_KEY:
                continue
            if (fault.match is None or fault.match.search(script)) and self._strikes(number, host):
                found.append(fault)
        return found

    def _strikes(self, number: int, host: str) -> bool:
        fault = self.faults[number]
        if host not in fault.hosts:
            return False
        self._seen[number, host] += 1
        seen = self._seen[number, host]
        if fault.nth is not None:
            return seen == fault.nth
        return fault.times is None or seen <= fault.times


def played(faults: list[Fault], script: str) -> str:
    """Return the script with its faults in front, as shell commands."""
    before = []
    for fault in faults:
        match fault.kind:
            case Kind.SLOW:
                before.append(f"sleep {fault.seconds:g}\n")
            case Kind.FLOOD:
                before.append(f"yes 'the same line, over and over' | head -n {fault.lines}\n")
            case Kind.HANG:
                before.append(f"exec sleep {_FOR_EVER}\n")
            case Kind.FAIL:
                said = f"printf '%s\\n' {shlex.quote(fault.stderr)} >&2\n" if fault.stderr else ""
                before.append(f"{said}exit {fault.exit}\n")
            case _:
                pass
    return "".join(before) + script
