"""A cloud's hosts in groups, printed as an inventory program prints them.

It is a process of its own, so that reading an inventory needs neither the SDK nor the executors.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from gonogo.text import clean_line

from .cloud import connect
from .trouble import told

_UNFIT = re.compile(r"[^\w.-]")


def groups(connection: Any) -> dict[str, Any]:
    """Return hosts by service, and by `zone_…`, `aggregate_…` and `cell_…`; `hypervisors` run servers."""
    found: dict[str, dict[str, None]] = {}
    for group, host in (*_computes(connection), *_aggregates(connection), *_further(connection)):
        if host:
            found.setdefault(_UNFIT.sub("_", group), {})[host] = None
    # Computes first, so that they come in the order of their names, whatever other groups they are in.
    names = sorted(found, key=lambda name: (name != "hypervisors", name))
    return {name: {"hosts": sorted(found[name])} for name in names} | {"_meta": {"hostvars": {}}}


def _computes(connection: Any) -> Iterator[tuple[str, str]]:
    for service in connection.compute.services():
        # Cells of Nova's first kind, up to Stein, stand in the name: `region!cell@host`.
        cell, _, host = str(service.host or "").rpartition("@")
        yield str(service.binary), host
        if service.binary == "nova-compute":
            yield "hypervisors", host
            yield f"zone_{service.availability_zone}", host
            if cell:
                yield f"cell_{cell.rpartition('!')[2]}", host


def _aggregates(connection: Any) -> Iterator[tuple[str, str]]:
    """Yield hosts of aggregates. No API tells a host's cell of today's kind; the property `cell` may."""
    for aggregate in connection.compute.aggregates():
        cell = (aggregate.metadata or {}).get("cell")
        for name in aggregate.hosts or ():
            host = str(name).rpartition("@")[2]
            yield f"aggregate_{aggregate.name}", host
            if cell:
                yield f"cell_{cell}", host


def _further(connection: Any) -> Iterator[tuple[str, str]]:
    if connection.has_service("network"):
        for agent in connection.network.agents():
            yield str(agent.binary), str(agent.host or "")
    if connection.has_service("block-storage"):
        for service in connection.block_storage.services():
            # A volume service's host is `host@backend`.
            yield str(service.binary), str(service.host or "").partition("@")[0]


def main(name: str) -> int:
    """Print the groups of a cloud; nothing for a name means the one that is chosen or the only one."""
    secrets: tuple[str, ...] = ()
    try:
        cloud = connect({"OS_CLOUD": name} if name else {})
        secrets = cloud.secrets
        sys.stdout.write(json.dumps(groups(cloud.connection)))
    except Exception as error:
        text = told(error)
        for secret in secrets:
            text = text.replace(secret, "********")
        sys.stderr.write(clean_line(text) + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
