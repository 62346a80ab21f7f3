"""Loading inventories: files, folders and programs, with host_vars/ and group_vars/ beside them."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .grouped import read_json, read_yaml, without_secrets
from .ini import read_ini
from .merge import finish
from .model import Inventory
from .names import Refused
from .program import ansible, cloud_of, is_program, parse_json, run_ansible, run_cloud, run_program
from .tree import NeedsAnsible, Tree, enter, fault
from .varsfiles import read_vars
from .written import Map

SIZE_LIMIT = 16 << 20
"""Bytes of one file."""
TOTAL_LIMIT = 64 << 20
"""Bytes of all files of an inventory; a run keeps them."""
# What Ansible passes over in a folder of inventories.
_IGNORED_ENDS = (
    ".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry",
)  # fmt: skip
_IGNORED_NAMES = ("host_vars", "group_vars", "vars_plugins")
# An INI line has no `name:` at its start that is followed by a space or nothing.
_YAML_START = re.compile(r"---|\{|[\"']?[^\s\[\]=\"':]+[\"']?:(?:\s|$)")


def load_inventory(paths: Sequence[str | Path], *, run_programs: bool = False) -> Inventory:
    """Return one inventory of all paths, the later ones over the earlier.

    `run_programs` is for paths that the operator names: an executable is run, and `ansible-inventory` is
    asked for what Ansible alone can read. A path that a document names never runs any of these; a cloud
    (`openstack:CLOUD`) is asked whoever names it.
    Raises InventoryError with file:line:column for what cannot be read, and when there is no host.
    """
    given = [Path(path) for path in paths]
    try:
        tree = _tree(given, run_programs=run_programs)
    except NeedsAnsible as error:
        tree = _through_ansible(given, error, run_programs=run_programs)
    inventory = finish(tree)
    if not tree.hosts:
        names = clean_line(", ".join(map(str, paths)))
        raise InventoryError(f"{names}: the inventory holds no hosts", "Add a host to it.")
    return inventory


def _tree(given: Sequence[Path], *, run_programs: bool) -> Tree:
    tree = Tree()
    for path in given:
        for file in _files(path):
            _read(file, tree, named=file == path, run_programs=run_programs)
    for folder in dict.fromkeys(path if os.path.isdir(path) else path.parent for path in given):
        _read_vars(folder, tree)
    return tree


def _through_ansible(given: Sequence[Path], error: NeedsAnsible, *, run_programs: bool) -> Tree:
    if not run_programs:
        mend = "Name the inventory with -i: Ansible can read this, but is not run for what a document names."
        raise InventoryError(error.what, mend)
    if not ansible():
        mend = "ansible-inventory, which can read this, is not installed: pip install ansible-core."
        raise InventoryError(error.what, f"{mend} {error.mend}")
    source = "ansible-inventory --list"
    found = without_secrets(parse_json(run_ansible(given), source))
    tree = Tree(sources=[(source, json.dumps(found, indent=1).encode())])
    read_json(found, source, tree)
    return tree


def _files(path: Path, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    # os.path, not Path: it answers no where a folder above may not be entered; the open then says why.
    if not os.path.isdir(path):
        yield path
        return
    above = enter(path, above)
    try:
        entries = sorted(path.iterdir(), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise fault(path, 0, 0, Refused(str(error.strerror), _mend(path))) from None
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name.endswith(_IGNORED_ENDS) or name in _IGNORED_NAMES:
            continue
        yield from _files(entry, above)


def _mend(path: Path) -> str:
    return "Write the hosts into a file, and name that." if "," in path.name else "Check the path."


def _bytes(path: Path, tree: Tree) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise fault(path, 0, 0, Refused("this is no file", "Name a file or a folder of files."))
            data = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise fault(path, 0, 0, Refused(str(why), _mend(path))) from None
    if len(data) > SIZE_LIMIT:
        raise fault(path, 0, 0, Refused(f"the file has more than {SIZE_LIMIT >> 20} MiB", "Split it."))
    tree.size += len(data)
    if tree.size > TOTAL_LIMIT:
        what = f"with this file the inventory has more than {TOTAL_LIMIT >> 20} MiB"
        raise fault(path, 0, 0, Refused(what, "Name fewer or smaller files."))
    tree.sources.append((str(path), data))
    return data


def _read(path: Path, tree: Tree, *, named: bool, run_programs: bool) -> None:
    cloud = cloud_of(path) if named else None
    if cloud is not None:
        _read_cloud(path, cloud, tree)
        return
    if named and run_programs and is_program(path):
        printed = run_program(path)
        if printed is not None:
            source = f"{path} --list"
            tree.sources.append((source, printed))
            read_json(parse_json(printed, clean_line(source)), clean_line(source), tree)
            return
    data = _bytes(path, tree)
    if data.startswith((b"#!", b"\x7fELF")) and is_program(path) and not (named and run_programs):
        where = "that a document names" if named else "in a folder of inventories"
        mend = "Name it with -i of its own, or move it out of the folder."
        raise fault(path, 0, 0, Refused(f"a program {where} is not run", mend))
    _read_data(data, path, tree)


def _read_cloud(path: Path, cloud: str, tree: Tree) -> None:
    source = clean_line(str(path))
    printed = run_cloud(cloud)
    tree.sources.append((str(path), printed))
    read_json(parse_json(printed, source), source, tree)


def _read_data(data: bytes, path: Path, tree: Tree) -> None:
    text = _text(data, path)
    if (
        data.startswith(b"$ANSIBLE_VAULT")
        or path.suffix in (".yaml", ".yml", ".json")
        or _looks_like_yaml(text)
    ):
        from .yamlfile import parse  # 10 ms that no other file needs

        found = parse(data, path)
        if isinstance(found, Map) and "_meta" in found:
            read_json(found, str(path), tree)
        else:
            read_yaml(found, path, tree)
    elif path.suffix == ".toml":
        raise fault(path, 0, 0, Refused("this is TOML", "Write it as INI or YAML.", ansible=True))
    else:
        read_ini(text, path, tree)


def _text(data: bytes, path: Path) -> str:
    if b"\0" in data:
        raise fault(path, 0, 0, Refused("the file is binary", "Name an INI or YAML inventory."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise fault(path, line, column, Refused("this is not UTF-8", "Save the file as UTF-8.")) from None


def _looks_like_yaml(text: str) -> bool:
    for line in text.split("\n"):
        if line.strip() and line.lstrip()[0] not in "#;":
            return _YAML_START.match(line) is not None
    return False


def _read_vars(folder: Path, tree: Tree) -> None:
    try:
        read_vars(folder, tree, lambda path: _bytes(path, tree))
    except OSError as error:
        raise fault(folder, 0, 0, Refused(str(error.strerror), "Check the folder's rights.")) from None
