"""host_vars/ and group_vars/ beside an inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .names import Refused
from .tree import Tree, enter, fault
from .values import texts
from .written import Map

_SUFFIXES = ("", ".yml", ".yaml", ".json")
Read = Callable[[Path], bytes]


def read_vars(folder: Path, tree: Tree, read: Read) -> None:
    """Add the variables of every known group and host; raise InventoryError with file:line:column."""
    for name, file in _files(folder / "group_vars", tree.groups):
        tree.groups[name].file_vars.update(_vars(file, read))
    for name, file in _files(folder / "host_vars", tree.hosts):
        tree.host_file_vars.setdefault(name, {}).update(_vars(file, read))


def _files(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """As in Ansible the first of NAME, NAME.yml, NAME.yaml, NAME.json is taken; NAME may be a folder."""
    if not folder.is_dir():
        return
    # One listing: asking the file system for four names of each of 20,000 hosts costs a second.
    present = {entry.name: entry for entry in folder.iterdir()}
    for name in names:
        found = next((present[name + suffix] for suffix in _SUFFIXES if name + suffix in present), None)
        if found is not None:
            yield from ((name, file) for file in (_inside(found) if found.is_dir() else (found,)))


def _inside(folder: Path, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    above = enter(folder, above)
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        if entry.is_dir():
            if not entry.suffix:
                yield from _inside(entry, above)
        elif entry.suffix in _SUFFIXES:
            yield entry


def _vars(path: Path, read: Read) -> dict[str, str]:
    from .yamlfile import parse  # 10 ms that nobody without such files needs

    found = parse(read(path), path)
    if found is None:
        return {}
    try:
        if not isinstance(found, Map):
            raise Refused("variables must be a map", "Write `name: value` lines.")
        return texts(found)
    except Refused as error:
        raise fault(path, 1, 1, error) from None
