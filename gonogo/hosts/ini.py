"""Ansible's INI inventories."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

from gonogo.errors import InventoryError
from gonogo.text import clean_line

from .ranges import expand
from .tree import Tree

_SECTION = re.compile(r"\[([^\[\]:]+)(?::(children|vars|hosts))?\]\s*(?:#.*)?$")
_PORT = re.compile(r"(.+?):(\d{1,5})$")


def read_ini(text: str, path: Path, tree: Tree) -> None:
    """Add an inventory's hosts and groups to the tree; raise InventoryError with file:line."""
    group, kind = "ungrouped", "hosts"
    children: list[tuple[str, int]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        try:
            if line.startswith("["):
                group, kind = _section(line)
                tree.group(group)
            elif kind == "hosts":
                _host(line, group, tree)
            elif kind == "vars":
                name, value = _pair(line)
                tree.group(group).vars[name] = value
            else:
                child = line.split("#")[0].strip()
                tree.group(group).children[child] = None
                children.append((child, number))
        except ValueError as error:
            raise InventoryError(f"{path}:{number}:1: {error}") from None
    for child, number in children:
        if child not in tree.groups:
            raise InventoryError(
                f"{path}:{number}:1: the group {clean_line(child)!r} is not defined",
                f"Add a section [{clean_line(child)}], or take the line out.",
            )


def _section(line: str) -> tuple[str, str]:
    match = _SECTION.match(line)
    if match is None:
        raise ValueError(f"{clean_line(line)!r} is no section such as [web] or [web:children]")
    return match[1].strip(), match[2] or "hosts"


def _host(line: str, group: str, tree: Tree) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        raise ValueError(f"{clean_line(line)!r}: {error}") from None
    if not words:
        return
    variables = {}
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{clean_line(word)!r} is no variable such as ansible_port=22")
        variables[name] = _plain(value)
    pattern = words[0]
    if "[" not in pattern.rpartition(":")[2] and pattern.count(":") <= 1 and (port := _PORT.match(pattern)):
        pattern = port[1]
        variables.setdefault("ansible_port", port[2])
    for name in expand(pattern):
        tree.add_host(name, group, variables)


def _pair(line: str) -> tuple[str, str]:
    name, equals, value = line.partition("=")
    if not equals:
        raise ValueError(f"{clean_line(line)!r} is no variable such as name=value")
    return name.strip(), _plain(value.strip())


def _plain(value: str) -> str:
    """Strip quotes as Ansible does, which reads values as Python literals where it can."""
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value
    return found if isinstance(found, str) else value
