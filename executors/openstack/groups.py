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
    """Return hosts by service, by `zone_…` and by `aggregate_…`; `hypervisors` are those that run servers."""
    found: dict[str, dict[str, None]] = {}

    def put(group: str, host: object) -> None:
        # A volume service's host is `host@backend`.
        name = str(host or "").partition("@")[0]
        if name:
            found.setdefault(_UNFIT.sub("_", group), {})[name] = None

    for service in connection.compute.services():
        put(service.binary, service.host)
        if service.binary == "nova-compute":
            put("hypervisors", service.host)
            put(f"zone_{service.availability_zone}", service.host)
    for aggregate in connection.compute.aggregates():
        for host in aggregate.hosts or ():
            put(f"aggregate_{aggregate.name}", host)
    for binary, host in _further(connection):
        put(binary, host)
    # Computes first, so that they come in the order of their names, whatever other groups they are in.
    names = sorted(found, key=lambda name: (name != "hypervisors", name))
    return {name: {"hosts": sorted(found[name])} for name in names} | {"_meta": {"hostvars": {}}}


def _further(connection: Any) -> Iterator[tuple[str, object]]:
    if connection.has_service("network"):
        for agent in connection.network.agents():
            yield agent.binary, agent.host
    if connection.has_service("block-storage"):
        for service in connection.block_storage.services():
            yield service.binary, service.host


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
