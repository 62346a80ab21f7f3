"""Commands that take a compute node out of use, empty it, and bring it back."""

from __future__ import annotations

from typing import Any

from .cloud import Cloud
from .language import Ask
from .output import Cancelled, Control, Out
from .reads import on_host, state_of
from .trouble import is_gone, told

EVERY = 2.0
"""Seconds between two looks at servers that move."""
_LIMIT = 2
_WITHIN = 1800.0


def disable(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Have no new server come to a node; the reason stands beside it for everybody who looks."""
    host, reason = ask.options["host"], ask.options["reason"]
    service = _service(cloud, ask)
    cloud.connection.compute.disable_service(service, host, "nova-compute", reason)
    return _as_wished(cloud, out, host, "disabled")


def enable(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Have new servers come to a node again."""
    host = ask.options["host"]
    cloud.connection.compute.enable_service(_service(cloud, ask), host, "nova-compute")
    return _as_wished(cloud, out, host, "enabled")


def _service(cloud: Cloud, ask: Ask) -> Any:
    host = ask.options["host"]
    service = next(iter(cloud.connection.compute.services(host=host, binary="nova-compute")), None)
    if service is None:
        raise ask.wrong(f"no nova-compute runs on {host}")
    return service


def _as_wished(cloud: Cloud, out: Out, host: str, status: str) -> int:
    found = state_of(cloud.connection, host)
    out.row(found)
    if found.get("status") == status:
        return 0
    out.trouble(f"{host} is not {status}")
    return 1


def drain(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Live-migrate every running server off a node, a few at once; return 0 when none is left.

    When it is to end early, no further server is moved; those on their way arrive by themselves.
    """
    host, moves = ask.options["host"], _Moves(cloud, ask, out)
    if state_of(cloud.connection, host).get("status") == "enabled":
        out.trouble(f"{host} is enabled: new servers may come to it meanwhile")
    left = iter(on_host(cloud, ask, control))
    most = ask.whole("limit") or _LIMIT

    def step() -> bool:
        moves.look()
        while len(moves.under_way) < most and moves.well and (one := next(left, None)) is not None:
            moves.begin(str(one["id"]), str(one["status"]))
        return not moves.under_way

    try:
        in_time = control.until(ask.seconds("within", _WITHIN), EVERY, step)
    except Cancelled:
        moves.leave("still on its way when it was cancelled")
        raise
    moves.leave("still on its way when the time was over")
    rest = on_host(cloud, ask, control)
    out.line(f"{len(rest)} servers left on {host}")
    for one in rest:
        out.row(one)
    return 0 if moves.well and in_time and not rest else 1


class _Moves:
    """The servers that are on their way off a node. One that does not move stops any further move."""

    def __init__(self, cloud: Cloud, ask: Ask, out: Out) -> None:
        self._compute, self._out = cloud.connection.compute, out
        self._from, self._to = ask.options["host"], ask.options.get("to")
        self.under_way: dict[str, str] = {}
        """Server -> the trouble that was told last of looking at it."""
        self.well = True

    def begin(self, name: str, status: str) -> None:
        """Send a server off."""
        if status not in ("ACTIVE", "PAUSED"):
            self._out.trouble(f"not moved, for it is {status}: {name}")
            return
        self._out.line(f"moving {name}")
        try:
            self._compute.live_migrate_server(name, host=self._to, block_migration="auto")
        except Exception as error:
            self._fail(f"{name}: {told(error)}")
        else:
            self.under_way[name] = ""

    def look(self) -> None:
        """See who has arrived. A cloud that does not answer is asked again the next time."""
        for name, trouble in list(self.under_way.items()):
            try:
                server = self._compute.get_server(name)
            except Exception as error:
                self._unseen(name, trouble, error)
                continue
            if server.status == "MIGRATING" or server.task_state:
                continue
            del self.under_way[name]
            if server.compute_host != self._from and server.status != "ERROR":
                self._out.line(f"moved {name} to {server.compute_host}")
            else:
                self._fail(f"{name} is {server.status} on {server.compute_host}")

    def leave(self, why: str) -> None:
        """Tell which are left to themselves."""
        for name in self.under_way:
            self._out.trouble(f"{why}: {name}")

    def _unseen(self, name: str, trouble: str, error: Exception) -> None:
        if is_gone(error):
            del self.under_way[name]
            self._out.line(f"deleted on its way: {name}")
        elif (said := told(error)) != trouble:
            self.under_way[name] = said
            self._out.trouble(f"cannot see where {name} is: {said}")

    def _fail(self, what: str) -> None:
        self.well = False
        self._out.trouble(f"not moved: {what}; no other is begun")
