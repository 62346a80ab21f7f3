"""Reading YAML that may be hostile: limits first, places for errors, nothing that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from gonogo.errors import InventoryError
from gonogo.yamlguard import BadYaml, compose

from .names import Refused, brief
from .tree import fault
from .written import Map, Scalar

_VAULT_MEND = "Decrypt it for the run, or give the value as a runbook's input."


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
