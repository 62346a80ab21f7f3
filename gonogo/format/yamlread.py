"""Reading YAML that may be hostile: limits first, scalars stay strings, every value knows its place."""

from __future__ import annotations

import re
from typing import Any

import yaml
from msgspec import Struct

from gonogo.text import clean_line
from gonogo.yamlguard import BadYaml, compose

from .model import Place
from .problems import Problems

SIZE_LIMIT = 1 << 20
NODE_LIMIT = 200_000
UNFIT = re.compile("[\0\ud800-\udfff]")
"""What an escape can name and no command can hold."""
UNFIT_TOLD = "a NUL character or half a character stands here"


class Node(Struct, frozen=True):
    """A value and where it stands: a string, a list of nodes, or a map of nodes by key."""

    value: str | list[Node] | dict[str, Node]
    place: Place
    key_place: Place | None = None


def text_of(node: Node | None, problems: Problems) -> str:
    """Return a scalar's text; a problem and nothing for anything else."""
    if node is None:
        return ""
    if isinstance(node.value, str):
        return node.value
    problems.error(
        node.place, "bad-value", "a plain value is expected here, not a list or a map", "Write one value."
    )
    return ""


def texts_of(node: Node | None, problems: Problems) -> list[str]:
    """Return a list's texts; one scalar counts as a list of one."""
    if node is None:
        return []
    if isinstance(node.value, list):
        return [text_of(item, problems) for item in node.value]
    return [text_of(node, problems)]


class _Refused(Exception):
    def __init__(self, mark: Any, code: str, message: str, mend: str) -> None:
        super().__init__(message)
        self.mark, self.code, self.message, self.mend = mark, code, message, mend


def read_yaml(text: str, file: str, first_line: int, problems: Problems) -> Node | None:
    """Return the document, or None with a problem added. The text begins in line `first_line`."""

    def place(mark: Any) -> Place:
        return Place(file, mark.line + first_line, mark.column + 1) if mark else Place(file, first_line)

    if len(text) > SIZE_LIMIT:
        problems.error(Place(file, first_line), "too-large", "the YAML has more than 1 MiB", "Split it.")
        return None
    try:
        node = compose(text, NODE_LIMIT)
        return _node(node, place) if node is not None else None
    except BadYaml as bad:
        where = Place(file, bad.line - 1 + first_line, bad.column) if bad.line else Place(file, first_line)
        mend = "Indent with spaces." if "\\t" in bad.message else bad.mend
        problems.error(where, bad.code, bad.message, mend)
    except _Refused as refused:
        problems.error(place(refused.mark), refused.code, refused.message, refused.mend)
    return None


def _node(node: Any, place: Any, key: Any = None) -> Node:
    here = place(node.start_mark)
    key_place = place(key.start_mark) if key is not None else None
    if isinstance(node, yaml.ScalarNode):
        if UNFIT.search(str(node.value)):
            raise _Refused(node.start_mark, "bad-yaml", UNFIT_TOLD, "Take it out.")
        return Node(str(node.value), here, key_place)
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(item, place) for item in node.value], here, key_place)
    found: dict[str, Node] = {}
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode):
            raise _Refused(
                name.start_mark, "bad-key", "a key must be a plain word", "Write it without brackets."
            )
        if name.value in found:
            shown = clean_line(str(name.value))
            raise _Refused(name.start_mark, "duplicate-key", f"{shown} stands twice", "Take one out.")
        if name.value == "<<":
            raise _Refused(name.start_mark, "anchor", "merge keys are not taken", "Write it out.")
        found[str(name.value)] = _node(value, place, name)
    return Node(found, here, key_place)
