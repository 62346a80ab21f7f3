"""Inventories as nested data: Ansible's YAML form, and the JSON that inventory programs print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gonogo.text import clean_line

from .names import Refused, brief
from .ranges import expand_spec
from .tree import Tree, fault
from .values import texts
from .written import Map

_KEYS = ("hosts", "vars", "children")
_REACH = frozenset(
    f"ansible_{name}"
    for name in ("host", "port", "user", "ssh_private_key_file", "private_key_file", "ssh_common_args")
)


def read_yaml(data: Any, path: Path, tree: Tree) -> None:
    """Add a YAML inventory to the tree; raise InventoryError with file:line:column."""
    if data is None:
        raise fault(path, 0, 0, Refused("the inventory is empty", "Add a host to it."))
    if not isinstance(data, Map):
        raise fault(path, 1, 1, Refused("the inventory must be a map of groups", "Begin with `all:`."))
    if "plugin" in data:
        mend = f"Convert it: ansible-inventory -i {clean_line(str(path))} --list > hosts.json"
        refused = Refused("this sets up an Ansible plugin and names no hosts", mend, ansible=True)
        raise fault(path, *data.places["plugin"], refused)
    for name in data:
        _group(name, data, path, tree)


def _group(name: str, parent: Map, path: Path, tree: Tree) -> None:
    body = parent[name]
    place = parent.places[name]
    shown = brief(name)
    try:
        group = tree.group(name)
        if body is None:
            return
        if not isinstance(body, Map):
            raise Refused(f"the group {shown!r} must be a map", f"Give it {_words()}.")
        for key in body:
            if key not in _KEYS:
                place = body.places[key]
                raise Refused(f"the group {shown!r} has the unknown key {brief(key)!r}", f"Use {_words()}.")
        variables = _map(body, "vars", name, path)
        place = parent.places[name]
        tree.set_vars(name, texts(variables))
    except Refused as error:
        raise fault(path, *place, error) from None
    hosts = _map(body, "hosts", name, path)
    for spec in hosts:
        _host(spec, hosts, name, path, tree)
    children = _map(body, "children", name, path)
    for child in children:
        group.children.setdefault(child, f"{clean_line(str(path))}:{children.places[child][0]}")
        _group(child, children, path, tree)


def _host(spec: str, hosts: Map, group: str, path: Path, tree: Tree) -> None:
    variables = hosts[spec]
    try:
        if variables is not None and not isinstance(variables, Map):
            raise Refused(f"the variables of {brief(spec)!r} must be a map", "Write `name: value` below it.")
        names, port = expand_spec(spec)
        found = texts(variables or {})
        tree.add_hosts(names, group, found, port)
    except Refused as error:
        raise fault(path, *hosts.places[spec], error) from None


def _map(body: Map, key: str, group: str, path: Path) -> Map:
    found = body.get(key)
    if found is None:
        return Map()
    if isinstance(found, Map):
        return found
    mend = f"Write `{key}:` and below it each name on its own line, followed by a colon."
    error = Refused(f"`{key}` of the group {brief(group)!r} must be a map", mend)
    raise fault(path, *body.places[key], error)


def _words() -> str:
    return "`hosts`, `children` and `vars`"


def read_json(data: Any, source: str, tree: Tree) -> None:
    """Add what `--list` printed: groups of host lists, and `_meta.hostvars`; raise InventoryError."""
    try:
        groups = _object(data, "the output")
        if "_meta" not in groups:
            mend = 'Let it print {"_meta": {"hostvars": {}}} beside its groups.'
            raise Refused("it has no `_meta` with the hosts' variables", mend)
        hostvars = _object(_object(groups["_meta"], "_meta").get("hostvars", {}), "hostvars")
        for name, body in groups.items():
            if name != "_meta":
                _json_group(name, body, hostvars, source, tree)
    except Refused as error:
        raise fault(source, 0, 0, error) from None


def _json_group(name: str, body: Any, hostvars: dict[str, Any], source: str, tree: Tree) -> None:
    parts = {"hosts": body} if isinstance(body, list) else _object(body, name)
    if unknown := [key for key in parts if key not in _KEYS]:
        raise Refused(f"the group {brief(name)!r} has the unknown key {brief(unknown[0])!r}")
    group = tree.group(name)
    tree.set_vars(name, texts(_object(parts.get("vars", {}), "vars")))
    for host in _names(parts.get("hosts", []), name):
        tree.add_hosts([host], name, texts(_object(hostvars.get(host, {}), host)))
    for child in _names(parts.get("children", []), name):
        tree.group(child)
        group.children.setdefault(child, clean_line(source))


def _object(value: Any, name: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise Refused(f"{brief(name)!r} must be an object", "Print what `ansible-inventory --list` prints.")


def _names(value: Any, group: str) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    raise Refused(f"hosts and children of {brief(group)!r} must be lists of names")


def without_secrets(data: Any) -> Any:
    """Return what `ansible-inventory` printed, its variables only those that say how to reach a host.

    Of the others nobody could tell which ones a vault held.
    """
    meta = data.get("_meta") if isinstance(data, dict) else None
    hostvars = meta.get("hostvars") if isinstance(meta, dict) else None
    if not isinstance(hostvars, dict):
        return data
    groups = {
        name: {key: value for key, value in body.items() if key != "vars"} if isinstance(body, dict) else body
        for name, body in data.items()
    }
    return groups | {"_meta": {"hostvars": {host: _reach(found) for host, found in hostvars.items()}}}


def _reach(variables: Any) -> dict[str, Any]:
    if not isinstance(variables, dict):
        return {}
    # Text that a plugin brought in may come wrapped; what is still encrypted is a map too, and left out.
    flat = {
        name: value.get("__ansible_unsafe", value) if isinstance(value, dict) else value
        for name, value in variables.items()
        if name in _REACH
    }
    return {name: value for name, value in flat.items() if isinstance(value, str | int)}
