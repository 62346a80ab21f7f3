"""Commands that take a compute node out of use, empty it, and bring it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .cloud import Cloud
from .language import Ask
from .output import Control, Out
from .reads import on_host, state_of

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
    host, most = ask.options["host"], ask.whole("limit") or _LIMIT
    left = iter(on_host(cloud, ask, control))
    moving: dict[str, str] = {}
    failed: list[str] = []

    def step() -> bool:
        _arrived(cloud, host, moving, failed, out)
        while len(moving) < most and not failed and (one := next(left, None)) is not None:
            _send(cloud, ask, str(one["id"]), str(one["status"]), moving, failed, out)
        return not moving

    in_time = control.until(ask.seconds("within", _WITHIN), EVERY, step)
    for name in moving if not in_time else ():
        out.trouble(f"still on its way when the time was over: {name}")
    rest = on_host(cloud, ask, control)
    out.line(f"{len(rest)} servers left on {host}")
    for one in rest:
        out.row(one)
    return 1 if rest or failed or not in_time else 0


def _send(
    cloud: Cloud, ask: Ask, name: str, status: str, moving: dict[str, str], failed: list[str], out: Out
) -> None:
    if status not in ("ACTIVE", "PAUSED"):
        out.trouble(f"not moved, for it is {status}: {name}")
        return
    out.line(f"moving {name}")
    cloud.connection.compute.live_migrate_server(name, host=ask.options.get("to"), block_migration="auto")
    moving[name] = status


def _arrived(cloud: Cloud, host: str, moving: dict[str, str], failed: list[str], out: Out) -> None:
    for name, server in list(_looked_at(cloud, moving)):
        if server.status == "MIGRATING" or server.task_state:
            continue
        del moving[name]
        if server.compute_host != host and server.status != "ERROR":
            out.line(f"moved {name} to {server.compute_host}")
        else:
            failed.append(name)
            out.trouble(f"not moved: {name} is {server.status} on {server.compute_host}; no other is begun")


def _looked_at(cloud: Cloud, moving: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name in list(moving):
        yield name, cloud.connection.compute.get_server(name)
