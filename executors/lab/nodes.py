"""YAML with places: every complaint about a scenario says file:line:column."""

from __future__ import annotations

from pathlib import Path

import yaml
from msgspec import Struct

from gonogo.errors import UsageError
from gonogo.text import clean_line

SIZE_LIMIT = 1 << 20


class Node(Struct, frozen=True):
    """A part of the document and where it stands."""

    path: Path
    node: yaml.Node

    def wrong(self, what: str, mend: str = "") -> UsageError:
        """Return an error that names this place."""
        mark = self.node.start_mark
        return UsageError(f"{self.path}:{mark.line + 1}:{mark.column + 1}: {what}", mend)

    def map(self, known: frozenset[str] | None = None) -> dict[str, Node]:
        """Return the entries of a map; with `known`, its only keys."""
        if self._empty():
            return {}
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong("this must be a map of names to values")
        found: dict[str, Node] = {}
        for key, value in self.node.value:
            at = Node(self.path, key)
            name = at.text()
            if name in found:
                raise at.wrong(f"{clean_line(name)!r} is here twice")
            if known is not None and name not in known:
                raise at.wrong(f"unknown key {clean_line(name)!r}", f"Keys here: {', '.join(sorted(known))}.")
            found[name] = Node(self.path, value)
        return found

    def list(self) -> list[Node]:
        """Return the entries of a list."""
        if self._empty():
            return []
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong("this must be a list")
        return [Node(self.path, value) for value in self.node.value]

    def text(self) -> str:
        """Return a plain value as it is written."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong("this must be one plain value")
        return str(self.node.value)

    def whole(self, least: int = 0) -> int:
        """Return a whole number."""
        text = self.text()
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise self.wrong(f"{clean_line(text)!r} must be a whole number, {least} or more")
        return int(text)

    def seconds(self) -> float:
        """Return a duration in seconds: a number, also with `ms` or `s` behind it."""
        text = self.text()
        number, scale = (text[:-2], 0.001) if text.endswith("ms") else (text.removesuffix("s"), 1.0)
        try:
            found = float(number) * scale
        except ValueError:
            found = -1.0
        if not 0 <= found < 1e6:
            raise self.wrong(f"{clean_line(text)!r} must be seconds, such as 2 or 0.5")
        return found

    def _empty(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.value in ("", "~", "null")


def read(path: Path) -> Node:
    """Read a file; raise UsageError when it cannot be read or is no YAML."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "Check the path after --faults.") from None
    if len(data) > SIZE_LIMIT:
        raise UsageError(f"{path}: the file has more than {SIZE_LIMIT >> 20} MiB")
    try:
        text = data.decode("utf-8-sig")
        # Anchors would let a small file grow without limit; nothing here needs them.
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken):
                raise Node(path, yaml.ScalarNode("", "", token.start_mark)).wrong(
                    "aliases are not taken here"
                )
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        why = getattr(error, "problem", None) or str(error)
        raise UsageError(f"{place}: this is no YAML: {clean_line(why)}") from None
    if node is None:
        raise UsageError(f"{path}: the file is empty", "Begin with `gonogo-lab: 1`.")
    return Node(path, node)
