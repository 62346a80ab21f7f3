"""What a cloud holds, as rows with few columns that stay the same as long as nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from .language import Ask
from .output import Control, cell
from .plain import Plain, listed

Row = dict[str, object]


class Kind(Struct, frozen=True):
    """One kind of thing: how it is listed, its columns (name -> attribute in the SDK), when one is well."""

    listed: Callable[[Any, bool], Iterable[Any]]
    """Of a connection; the flag asks for all projects'."""
    columns: Mapping[str, str | Callable[[Any], object]]
    well: Callable[[Row], bool] | None = None
    projects: bool = False
    """It belongs to projects, so all of them or one's own can be asked for."""


def _up(row: Row) -> bool:
    return row["state"] == "up"


def _addresses(port: Any) -> list[str]:
    return [str(one.get("ip_address")) for one in port.fixed_ips or []]


def _attached(volume: Any) -> list[str]:
    return [str(one.get("server_id")) for one in volume.attachments or []]


def _flavor(server: Any) -> object:
    return (server.flavor or {}).get("original_name") or (server.flavor or {}).get("id")


def servers(connection: Any, **query: object) -> Iterable[Plain]:
    """Return the servers that a query fits; one with None asks for nothing."""
    return listed(connection.compute, "compute.v2.server.Server", "/servers/detail", **query)


_SERVICE = {
    "binary": "binary",
    "host": "host",
    "zone": "availability_zone",
    "status": "status",
    "state": "state",
}
_ALL: dict[str, Kind] = {
    "services": Kind(
        lambda cloud, _: listed(cloud.compute, "compute.v2.service.Service"),
        _SERVICE,
        _up,
    ),
    "volume-services": Kind(
        lambda cloud, _: listed(cloud.block_storage, "block_storage.v3.service.Service"),
        _SERVICE,
        _up,
    ),
    "hypervisors": Kind(
        # With details each compute is asked over the message bus: one that hangs is an error 500 for all.
        lambda cloud, _: listed(cloud.compute, "compute.v2.hypervisor.Hypervisor"),
        {"host": "name", "status": "status", "state": "state"},
        _up,
    ),
    "agents": Kind(
        lambda cloud, _: listed(cloud.network, "network.v2.agent.Agent"),
        {
            "binary": "binary",
            "host": "host",
            "zone": "availability_zone",
            "type": "agent_type",
            "admin": "is_admin_state_up",
            "alive": "is_alive",
        },
        lambda row: row["alive"] is True,
    ),
    "servers": Kind(
        lambda cloud, everybody: servers(cloud, all_projects=everybody or None),
        {
            "id": "id",
            "name": "name",
            "status": "status",
            "host": "compute_host",
            "zone": "availability_zone",
            "flavor": _flavor,
            "project": "project_id",
        },
        projects=True,
    ),
    "volumes": Kind(
        lambda cloud, everybody: listed(
            cloud.block_storage,
            "block_storage.v3.volume.Volume",
            "/volumes/detail",
            all_projects=everybody or None,
        ),
        {
            "id": "id",
            "name": "name",
            "status": "status",
            "size": "size",
            "type": "volume_type",
            "servers": _attached,
        },
        projects=True,
    ),
    "images": Kind(
        lambda cloud, _: listed(cloud.image, "image.v2.image.Image"),
        {
            "id": "id",
            "name": "name",
            "status": "status",
            "format": "disk_format",
            "size": "size",
            "checksum": "checksum",
            "visibility": "visibility",
        },
    ),
    "networks": Kind(
        lambda cloud, _: listed(cloud.network, "network.v2.network.Network"),
        {
            "id": "id",
            "name": "name",
            "status": "status",
            "admin": "is_admin_state_up",
            "shared": "is_shared",
            "mtu": "mtu",
            "subnets": "subnet_ids",
            "project": "project_id",
        },
    ),
    "ports": Kind(
        lambda cloud, _: listed(cloud.network, "network.v2.port.Port"),
        {
            "id": "id",
            "status": "status",
            "host": "binding_host_id",
            "owner": "device_owner",
            "device": "device_id",
            "network": "network_id",
            "addresses": _addresses,
        },
    ),
    "routers": Kind(
        lambda cloud, _: listed(cloud.network, "network.v2.router.Router"),
        {
            "id": "id",
            "name": "name",
            "status": "status",
            "admin": "is_admin_state_up",
            "project": "project_id",
        },
    ),
    "endpoints": Kind(
        lambda cloud, _: _named_endpoints(cloud),
        {
            "service": "service",
            "interface": "interface",
            "region": "region_id",
            "url": "url",
            "enabled": "is_enabled",
            "id": "id",
        },
    ),
    "flavors": Kind(
        lambda cloud, everybody: listed(
            cloud.compute,
            "compute.v2.flavor.Flavor",
            "/flavors/detail",
            is_public="None" if everybody else None,
        ),
        {"id": "id", "name": "name", "vcpus": "vcpus", "ram": "ram", "disk": "disk", "public": "is_public"},
        projects=True,
    ),
    "projects": Kind(
        lambda cloud, _: listed(cloud.identity, "identity.v3.project.Project"),
        {"id": "id", "name": "name", "domain": "domain_id", "enabled": "is_enabled"},
    ),
    "users": Kind(
        lambda cloud, _: listed(cloud.identity, "identity.v3.user.User"),
        {"id": "id", "name": "name", "domain": "domain_id", "enabled": "is_enabled"},
    ),
    "roles": Kind(
        lambda cloud, _: listed(cloud.identity, "identity.v3.role.Role"),
        {"id": "id", "name": "name", "domain": "domain_id"},
    ),
}
KINDS: Mapping[str, Kind] = _ALL


class _Endpoint(Struct, frozen=True):
    """An endpoint with its service's type, which says more than its id."""

    service: str
    of: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.of, name)


def _named_endpoints(cloud: Any) -> Iterable[_Endpoint]:
    types = {one.id: str(one.type) for one in listed(cloud.identity, "identity.v3.service.Service")}
    for one in listed(cloud.identity, "identity.v3.endpoint.Endpoint"):
        yield _Endpoint(types.get(one.service_id, str(one.service_id)), one)


def rows(connection: Any, name: str, ask: Ask, control: Control) -> list[Row]:
    """Return the rows of a kind that the command's filters fit, sorted by all of their cells."""
    kind = KINDS[name]
    everybody = "mine" not in ask.flags
    fields = {one: one for one in ask.names("fields")} or kind.columns
    hidden = ask.names("ignore")
    found: list[Row] = []
    for item in control.each(kind.listed(connection, everybody)):
        # A filter may name a column that is not shown.
        full = {
            column: _value(item, attribute, ask) for column, attribute in {**kind.columns, **fields}.items()
        }
        if fits(full, ask):
            found.append({column: full[column] for column in fields if column not in hidden})
    return sorted(found, key=lambda one: [cell(value) for value in one.values()])


def fits(row: Mapping[str, object], ask: Ask) -> bool:
    """Return whether a row has what the command's options ask of its columns: `host=cp01,cp02*`."""
    return all(
        any(fnmatchcase(cell(value), pattern) for pattern in ask.names(column) or ("",))
        for column, value in row.items()
        if column in ask.options
    )


def _value(item: Any, attribute: str | Callable[[Any], object], ask: Ask) -> object:
    if callable(attribute):
        return attribute(item)
    try:
        value: object = getattr(item, attribute)
    except AttributeError:
        raise ask.wrong(f"there is no field {attribute!r} of {ask.name.removeprefix('snapshot ')}") from None
    return value
