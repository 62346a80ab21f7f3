"""Loading inventories: files, folders and programs, with host_vars/ and group_vars/ beside them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .ini import read_ini
from .model import Inventory
from .ranges import expand
from .tree import Tree, texts
from .yamlfile import SIZE_LIMIT, parse

_IGNORED = (".pyc", ".orig", ".retry", ".bak", ".cfg", ".md", "~")
PROGRAM_SECONDS = 60


def load_inventory(paths: Sequence[str | Path]) -> Inventory:
    """Return one inventory of all paths; raise InventoryError naming what cannot be read."""
    tree = Tree()
    folders: dict[Path, None] = {}
    for given in paths:
        path = Path(given)
        for file in _files(path):
            _read(file, tree, named=file == path)
            folders[file.parent] = None
    for folder in folders:
        _read_vars(folder, tree)
    if not tree.hosts:
        names = ", ".join(map(str, paths))
        raise InventoryError(f"{names}: the inventory holds no hosts", "Add a host to it.")
    return tree.finish()


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    entries = sorted(path.iterdir(), key=lambda entry: entry.name)
    return [
        entry
        for entry in entries
        if entry.is_file() and not entry.name.startswith(".") and not entry.name.endswith(_IGNORED)
    ]


def _bytes(path: Path, tree: Tree) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InventoryError(f"{path}: this is no file", "Name a file or a folder of files.")
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise InventoryError(f"{path}: {error.strerror}", "Check the path after -i.") from None
    if len(data) > SIZE_LIMIT:
        raise InventoryError(f"{path}: the file has more than {SIZE_LIMIT >> 20} MiB")
    tree.sources.append((str(path), data))
    return data


def _read(path: Path, tree: Tree, *, named: bool) -> None:
    if named and path.is_file() and os.access(path, os.X_OK):
        _read_program(path, tree)
        return
    data = _bytes(path, tree)
    if data.startswith(b"$ANSIBLE_VAULT"):
        raise InventoryError(f"{path}: the file is encrypted by ansible-vault", "Decrypt it first.")
    if b"\0" in data:
        raise InventoryError(f"{path}: the file is binary", "Name an INI or YAML inventory.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InventoryError(f"{path}: byte {error.start} is not UTF-8") from None
    if path.suffix in (".yaml", ".yml", ".json") or (path.suffix != ".ini" and _looks_like_yaml(text)):
        _read_tree(parse(data, path), path, tree)
    else:
        read_ini(text, path, tree)


def _looks_like_yaml(text: str) -> bool:
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    first = next(lines, "")
    return first.startswith(("---", "{")) or (first.rstrip().endswith(":") and not first.startswith("["))


def _read_tree(data: Any, path: Path, tree: Tree) -> None:
    if not isinstance(data, dict):
        raise InventoryError(f"{path}:1:1: the inventory must be a map of groups", "Begin with `all:`.")
    for name, body in data.items():
        _read_group(name, body, path, tree)


def _read_group(name: str, body: Any, path: Path, tree: Tree) -> None:
    group = tree.group(name)
    if not body:
        return
    if not isinstance(body, dict):
        raise InventoryError(f"{path}: the group {clean_line(name)!r} must be a map")
    if unknown := set(body) - {"hosts", "children", "vars"}:
        words = ", ".join(clean_line(str(word)) for word in sorted(unknown))
        raise InventoryError(
            f"{path}: the group {clean_line(name)!r} has the unknown key {words}",
            "A group has `hosts`, `children` and `vars`.",
        )
    group.vars.update(texts(_map(body, "vars", name, path).items()))
    for pattern, variables in _map(body, "hosts", name, path).items():
        try:
            for host in expand(pattern):
                tree.add_host(host, name, texts((variables or {}).items()))
        except (ValueError, AttributeError) as error:
            raise InventoryError(f"{path}: group {clean_line(name)!r}: {error}") from None
    for child, below in _map(body, "children", name, path).items():
        group.children[child] = None
        _read_group(child, below, path, tree)


def _map(body: dict[str, Any], key: str, name: str, path: Path) -> dict[str, Any]:
    found = body.get(key) or {}
    if not isinstance(found, dict):
        raise InventoryError(
            f"{path}: `{key}` of the group {clean_line(name)!r} must be a map",
            f"Write `{key}:` and each name on its own line, followed by a colon.",
        )
    return found


def _read_program(path: Path, tree: Tree) -> None:
    try:
        done = subprocess.run(
            [str(path.absolute()), "--list"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROGRAM_SECONDS,
            check=False,
        )
        if done.returncode:
            why = clean_line(done.stderr.decode("utf-8", "replace").strip()[-500:])
            raise InventoryError(f"{path} --list ended with exit code {done.returncode}: {why}")
        data = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError, RecursionError) as error:
        mend = f"If it is a plain file: chmod -x {path}"
        raise InventoryError(f"{path} --list failed: {clean_line(str(error))}", mend) from None
    tree.sources.append((str(path), done.stdout))
    _read_json(data, path, tree)


def _read_json(data: Any, path: Path, tree: Tree) -> None:
    if not isinstance(data, dict):
        raise InventoryError(f"{path} --list printed no JSON object")
    hostvars = data.pop("_meta", {}).get("hostvars", {})
    for name, body in data.items():
        members = body if isinstance(body, list) else body.get("hosts", [])
        group = tree.group(name)
        for host in members:
            try:
                tree.add_host(str(host), name, texts(hostvars.get(host, {}).items()))
            except ValueError as error:
                raise InventoryError(f"{path} --list: {error}") from None
        if isinstance(body, dict):
            group.vars.update(texts(body.get("vars", {}).items()))
            for child in body.get("children", []):
                tree.group(child)
                group.children[child] = None


def _read_vars(folder: Path, tree: Tree) -> None:
    for name, group in tree.groups.items():
        for file in _vars_files(folder / "group_vars", name):
            group.file_vars.update(_vars(file, tree))
    for name in tree.hosts:
        for file in _vars_files(folder / "host_vars", name):
            tree.host_file_vars.setdefault(name, {}).update(_vars(file, tree))


def _vars_files(folder: Path, name: str) -> list[Path]:
    if not folder.is_dir() or "/" in name:
        return []
    files = [folder / f"{name}{suffix}" for suffix in ("", ".yml", ".yaml", ".json")]
    found = [file for file in files if file.is_file()]
    if (folder / name).is_dir():
        found += [file for file in _files(folder / name) if file.suffix in ("", ".yml", ".yaml", ".json")]
    return found


def _vars(path: Path, tree: Tree) -> dict[str, str]:
    data = _bytes(path, tree)
    if data.startswith(b"$ANSIBLE_VAULT"):
        raise InventoryError(f"{path}: the file is encrypted by ansible-vault", "Decrypt it first.")
    found = parse(data, path)
    if found in ("", None):
        return {}
    if not isinstance(found, dict):
        raise InventoryError(f"{path}:1:1: variables must be a map")
    return texts(found.items())
