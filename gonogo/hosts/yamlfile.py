"""Reading YAML that may be hostile: limits first, places for errors, nothing that runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Self

import yaml

from gonogo.errors import InventoryError
from gonogo.yamlguard import BadYaml, compose

from .names import Refused, brief
from .tree import fault

SIZE_LIMIT = 16 << 20
_INT = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})")
_FLOAT = re.compile(r"[-+]?\d{1,17}\.\d{1,17}")
_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "false": False,
    "no": False,
    "off": False,
    "null": None,
    "~": None,
}
_VAULT_MEND = "Decrypt it for the run, or give the value as a runbook's input."


class Map(dict[str, Any]):
    """A map that knows where its keys stand: `places[key]` is (line, column), both from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, tuple[int, int]] = {}


def parse(data: bytes, path: Path) -> Any:
    """Return Map, list, str or None; raise InventoryError with the place of what is refused.

    Scalars stay as written, but inside lists of variables see `typed`.
    """
    if data.startswith(b"$ANSIBLE_VAULT"):
        raise fault(path, 1, 1, Refused("the file is encrypted by ansible-vault", _VAULT_MEND, ansible=True))
    try:
        node = compose(data)
    except BadYaml as error:
        if error.tag == "!vault":
            refused = Refused("this value is encrypted by ansible-vault", _VAULT_MEND, ansible=True)
        elif error.code == "bad-yaml":
            refused = Refused(f"this is no YAML: {error.message}", error.mend)
        else:
            refused = Refused(error.message, error.mend)
        raise fault(path, error.line, error.column, refused) from None
    return None if node is None else _value(node, path)


def _at(path: Path, marked: Any, what: str, mend: str) -> InventoryError:
    mark = marked.start_mark
    return fault(path, mark.line + 1, mark.column + 1, Refused(what, mend))


def _value(node: Any, path: Path) -> Any:
    if isinstance(node, yaml.ScalarNode):
        plain_null = not node.style and node.value in ("", "~", "null", "Null", "NULL")
        return None if plain_null else Scalar(node.value, plain=not node.style)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, path) for item in node.value]
    found = Map()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _at(path, key, "a key must be a plain word", "Take it out.")
        if key.value in found:
            raise _at(path, key, f"{brief(key.value)!r} stands twice", "Take one out.")
        found[key.value] = _value(value, path)
        found.places[key.value] = (key.start_mark.line + 1, key.start_mark.column + 1)
    return found


class Scalar(str):
    """A scalar as written; `plain` when it stood without quotes."""

    __slots__ = ("plain",)
    plain: bool

    def __new__(cls, text: str, *, plain: bool) -> Self:
        made = super().__new__(cls, text)
        made.plain = plain
        return made


def typed(value: Any) -> Any:
    """Return lists and maps with numbers, booleans and nulls as Ansible reads them, fit for JSON.

    A scalar at the top stays text as written: `port: 0022` is `0022`.
    """
    return value if isinstance(value, str) else _typed(value)


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if not isinstance(value, Scalar) or not value.plain:
        return value
    if value.lower() in _WORDS:
        return _WORDS[value.lower()]
    if _INT.fullmatch(value):
        return int(value)
    return float(value) if _FLOAT.fullmatch(value) else str(value)
