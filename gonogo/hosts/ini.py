"""Ansible's INI inventories."""

from __future__ import annotations

import re
from pathlib import Path

from gonogo.text import clean_line

from .names import Refused, brief
from .ranges import expand_spec
from .tree import Tree, fault
from .values import checked, literal

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_CHILD = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
# A word's parts as `shlex.split` sees them, in time that grows with the line and not with its square.
_PART = re.compile(
    r"""(?P<gap>[ \t\r\n]+)|(?P<comment>\#)|'(?P<single>[^']*)'|"(?P<double>[^"\\]*(?:\\.[^"\\]*)*)"
    |\\(?P<escaped>.)|(?P<plain>[^ \t\r\n'"\\#]+)""",
    re.VERBOSE | re.DOTALL,
)
_SIMPLE = re.compile(r"[\t !$-&(-\[\]-~]*")
"""A line without quotes, backslashes or comments: blanks part its words."""
_ESCAPED = re.compile(r"\\([\\\"])")
_KINDS = ("hosts", "vars", "children")


class _Reader:
    """Goes through the lines; what is named before it is defined is checked at the end."""

    def __init__(self, path: Path, tree: Tree) -> None:
        self._path = path
        self._tree = tree
        self._group, self._kind = "ungrouped", "hosts"
        self._defined = set(tree.groups)
        self._wanted: list[tuple[str, int, int]] = []
        self._line = 0

    def read(self, text: str) -> None:
        for self._line, raw in enumerate(text.split("\n"), 1):
            line = raw.strip()
            if not line or line[0] in "#;":
                continue
            column = len(raw) - len(raw.lstrip()) + 1
            try:
                self._take(line, column)
            except Refused as error:
                raise fault(self._path, self._line, column, error) from None
        for name, at, column in self._wanted:
            if name not in self._defined:
                shown = brief(name)
                mend = f"Add a section [{shown}], or take this out."
                raise fault(self._path, at, column, Refused(f"the group {shown!r} is not defined", mend))

    def _take(self, line: str, column: int) -> None:
        if line.startswith("[") and (self._kind != "hosts" or line.partition("#")[0].rstrip().endswith("]")):
            self._section(line, column)
        elif self._kind == "hosts":
            self._hosts(line, column)
        elif self._kind == "vars":
            name, value = _pair(line)
            name = name.strip()
            self._tree.set_vars(self._group, {name: checked(name, literal(value.strip()))})
        else:
            self._child(line, column)

    def _section(self, line: str, column: int) -> None:
        match = _SECTION.fullmatch(line)
        if match is None or (match[2] or "hosts") not in _KINDS:
            raise Refused(
                f"{brief(line)!r} is no section", "Write it as in [web], [web:vars] or [web:children]."
            )
        self._group, self._kind = match[1], match[2] or "hosts"
        self._tree.group(self._group)
        if self._kind == "vars":
            self._wanted.append((self._group, self._line, column))
        else:
            self._defined.add(self._group)

    def _child(self, line: str, column: int) -> None:
        match = _CHILD.fullmatch(line)
        if match is None:
            raise Refused(f"{brief(line)!r} is no group's name", "Write one group a line.")
        self._tree.group(match[1])
        self._tree.group(self._group).children.setdefault(
            match[1], f"{clean_line(str(self._path))}:{self._line}"
        )
        self._wanted.append((match[1], self._line, column))

    def _hosts(self, line: str, column: int) -> None:
        words = line.split() if _SIMPLE.fullmatch(line) else [word for word, _ in _words(line)]
        if not words:
            return
        variables = {}
        for at, word in enumerate(words[1:], 1):
            try:
                name, value = _pair(word)
                variables[name] = checked(name, literal(value))
            except Refused as error:
                error.place = self._line, column + _words(line)[at][1]
                raise
        names, port = expand_spec(words[0])
        self._tree.add_hosts(names, self._group, variables, port)


def read_ini(text: str, path: Path, tree: Tree) -> None:
    """Add an inventory's hosts and groups to the tree; raise InventoryError with file:line:column."""
    _Reader(path, tree).read(text)


def _words(line: str) -> list[tuple[str, int]]:
    """Return what `shlex.split(line, comments=True)` does, each word with where it begins; raise Refused."""
    words: list[tuple[str, int]] = []
    parts: list[str] = []
    begun = at = 0
    while match := _PART.match(line, at):
        kind = match.lastgroup or ""
        if kind in ("gap", "comment"):
            words += [("".join(parts), begun)] if parts else []
            parts, begun = [], match.end()
        if kind == "comment":
            return words
        if kind != "gap":
            parts.append(_ESCAPED.sub(r"\1", match[kind]) if kind == "double" else match[kind])
        at = match.end()
    if at < len(line):
        what = "nothing follows the backslash" if line[at] == "\\" else "no closing quotation"
        raise Refused(f"{brief(line)!r}: {what}", "Close the quotes, and double a backslash.")
    return [*words, ("".join(parts), begun)] if parts else words


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise Refused(f"{brief(text)!r} is no variable", "Write it as in ansible_port=22.")
    return name, value
