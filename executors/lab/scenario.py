"""The scenario: what is on the hosts at the start, what goes wrong, and which programs answer how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct, field

from gonogo.errors import InventoryError
from gonogo.hosts import resolve
from gonogo.hosts.model import Inventory
from gonogo.text import clean_line

from .nodes import Node, read

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,100}\Z")
_SERVICE = re.compile(r"(active|inactive|failed)( (enabled|disabled))?\Z")


class Kind(StrEnum):
    """What goes wrong."""

    SLOW = "slow"
    UNREACHABLE = "unreachable"
    REFUSE_KEY = "refuse-key"
    CHANGED_KEY = "changed-key"
    FAIL = "fail"
    FLOOD = "flood"
    DROP = "drop"
    HANG = "hang"


WHOLE_HOST = frozenset({Kind.UNREACHABLE, Kind.CHANGED_KEY})
"""Faults that a host has from the start to the end of the lab; they cannot be counted."""
_KEYS = frozenset({"hosts", "kind", "match", "seconds", "exit", "stderr", "lines", "times", "nth"})
_ONLY = {
    "match": frozenset({Kind.SLOW, Kind.FAIL, Kind.FLOOD, Kind.DROP, Kind.HANG}),
    "seconds": frozenset({Kind.SLOW, Kind.DROP}),
    "exit": frozenset({Kind.FAIL}),
    "stderr": frozenset({Kind.FAIL}),
    "lines": frozenset({Kind.FLOOD}),
    "times": frozenset(Kind) - WHOLE_HOST,
    "nth": frozenset(Kind) - WHOLE_HOST,
}


class Fault(Struct, frozen=True):
    """One fault on some hosts. `times` and `nth` count, on each host, what `match` fits."""

    hosts: frozenset[str]
    kind: Kind
    match: re.Pattern[str] | None = None
    seconds: float = 0.0
    exit: int = 1
    stderr: str = ""
    lines: int = 100_000
    times: int | None = None
    nth: int | None = None


class Seed(Struct):
    """What a host has at the start."""

    kernel: str = "6.1.0-lab"
    packages: dict[str, str] = field(default_factory=dict)
    repositories: dict[str, dict[str, str]] = field(default_factory=dict)
    """What `yum update` can install, by repository. `base` is always there, any other while its file in
    /etc/yum.repos.d is."""
    services: dict[str, str] = field(default_factory=dict)
    """`active|inactive|failed`, then `enabled|disabled`."""
    files: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    """Programs of the host's own: shell text by name."""


class Scenario(Struct, frozen=True):
    """A whole scenario, its patterns resolved."""

    seeds: Mapping[str, Seed]
    faults: tuple[Fault, ...] = ()


def load(path: Path | None, inventory: Inventory) -> Scenario:
    """Read a scenario for an inventory; None: hosts with nothing on them.

    Raises UsageError that names the place.
    """
    seeds = {name: Seed() for name in inventory.hosts}
    if path is None:
        return Scenario(seeds)
    top = read(path)
    body = top.map(frozenset({"gonogo-lab", "hosts", "faults", "answers"}))
    if "gonogo-lab" not in body or body["gonogo-lab"].text() != "1":
        raise top.wrong("a scenario begins with `gonogo-lab: 1`")
    for entry in body["hosts"].list() if "hosts" in body else ():
        _seed(entry, inventory, seeds)
    for entry in body["answers"].list() if "answers" in body else ():
        keys = _entry(entry, frozenset({"hosts", "command", "script"}), ("command", "script"))
        for name in _hosts(entry, keys, inventory):
            seeds[name].answers[_name(keys["command"])] = keys["script"].text()
    faults = tuple(_fault(entry, inventory) for entry in (body["faults"].list() if "faults" in body else ()))
    return Scenario(seeds, faults)


def _entry(entry: Node, known: frozenset[str], needed: tuple[str, ...] = ()) -> dict[str, Node]:
    keys = entry.map(known)
    for key in needed:
        if key not in keys:
            raise entry.wrong(f"`{key}` is missing")
    return keys


def _hosts(entry: Node, keys: Mapping[str, Node], inventory: Inventory) -> list[str]:
    if "hosts" not in keys:
        return list(inventory.hosts)
    try:
        return list(resolve(keys["hosts"].text(), inventory))
    except InventoryError as error:
        raise keys["hosts"].wrong(error.what, error.mend) from None


def _name(node: Node) -> str:
    if not _NAME.match(node.text()):
        raise node.wrong(f"{clean_line(node.text())!r} is no name of a program, package or service")
    return node.text()


def _names(node: Node) -> dict[str, str]:
    for name, value in (found := node.map()).items():
        if not _NAME.match(name):
            raise value.wrong(f"{clean_line(name)!r} is no name of a package or service")
    return {name: value.text() for name, value in found.items()}


def _seed(entry: Node, inventory: Inventory, seeds: Mapping[str, Seed]) -> None:
    known = frozenset({"hosts", "kernel", "packages", "updates", "repositories", "services", "files"})
    keys = _entry(entry, known)
    packages = _names(keys["packages"]) if "packages" in keys else {}
    repositories = {name: _names(node) for name, node in _map(keys, "repositories").items()}
    if "updates" in keys:
        repositories["base"] = _names(keys["updates"])
    services = {name: _service(node) for name, node in _map(keys, "services").items()}
    files = {}
    for name, node in _map(keys, "files").items():
        if not name.startswith("/") or ".." in name.split("/") or "\0" in name:
            raise node.wrong(f"{clean_line(name)!r} must be an absolute path without `..`")
        files[name] = node.text()
    for host in _hosts(entry, keys, inventory):
        seed = seeds[host]
        seed.kernel = keys["kernel"].text() if "kernel" in keys else seed.kernel
        seed.packages.update(packages)
        for name, offered in repositories.items():
            seed.repositories.setdefault(name, {}).update(offered)
        seed.services.update(services)
        seed.files.update(files)


def _map(keys: Mapping[str, Node], key: str) -> dict[str, Node]:
    return keys[key].map() if key in keys else {}


def _service(node: Node) -> str:
    text = node.text()
    if not _SERVICE.match(text):
        raise node.wrong(
            f"{clean_line(text)!r} is no state of a service",
            "Write active, inactive or failed, and after it enabled or disabled if you like.",
        )
    return text if " " in text else f"{text} enabled"


def _fault(entry: Node, inventory: Inventory) -> Fault:
    keys = _entry(entry, _KEYS, ("kind",))
    try:
        kind = Kind(keys["kind"].text())
    except ValueError:
        raise keys["kind"].wrong("unknown kind of fault", f"Kinds: {', '.join(Kind)}.") from None
    for key, kinds in _ONLY.items():
        if key in keys and kind not in kinds:
            raise keys[key].wrong(f"`{key}` means nothing for {kind}")
    if "times" in keys and "nth" in keys:
        raise keys["nth"].wrong("give `times` or `nth`, not both")
    try:
        match = re.compile(keys["match"].text(), re.MULTILINE) if "match" in keys else None
    except re.error as error:
        raise keys["match"].wrong(f"this is no regular expression: {error}") from None
    return Fault(
        hosts=frozenset(_hosts(entry, keys, inventory)),
        kind=kind,
        match=match,
        seconds=keys["seconds"].seconds() if "seconds" in keys else (1.0 if kind is Kind.SLOW else 0.0),
        exit=min(keys["exit"].whole(), 255) if "exit" in keys else 1,
        stderr=keys["stderr"].text() if "stderr" in keys else "",
        lines=keys["lines"].whole(1) if "lines" in keys else 100_000,
        times=keys["times"].whole(1) if "times" in keys else None,
        nth=keys["nth"].whole(1) if "nth" in keys else None,
    )
