"""Reading YAML that may be hostile: limits first, scalars stay strings, places for errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from gonogo.errors import InventoryError
from gonogo.text import clean_line

SIZE_LIMIT = 16 << 20
DEPTH_LIMIT = 50
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def parse(data: bytes, path: Path) -> Any:
    """Return maps, lists and strings; raise InventoryError with the place of what is refused."""
    if len(data) > SIZE_LIMIT:
        raise InventoryError(f"{path}: the file has more than {SIZE_LIMIT >> 20} MiB")
    try:
        _check(data, path)
        # Only a document known to be shallow is built: the C builder recurses and would crash on depth.
        node = yaml.compose(data, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise InventoryError(f"{path}{place}: {clean_line(error.problem or 'this is no YAML')}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InventoryError(f"{path}: this is no YAML: {clean_line(str(error))}") from None
    return _value(node, path)


def _check(data: bytes, path: Path) -> None:
    depth = 0
    for event in yaml.parse(data, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            raise _at(path, event.start_mark, f"nested deeper than {DEPTH_LIMIT} levels")
        if getattr(event, "anchor", None):
            raise _at(path, event.start_mark, "anchors and aliases are not taken", "Write the value out.")
        tag = getattr(event, "tag", None)
        if tag == "!vault":
            mend = "Convert the inventory with `ansible-inventory --list`, or name the value elsewhere."
            raise _at(path, event.start_mark, "this value is encrypted by ansible-vault", mend)
        if tag:
            raise _at(path, event.start_mark, f"the tag {clean_line(str(tag))} is not taken", "Remove it.")


def _at(path: Path, mark: Any, what: str, mend: str = "") -> InventoryError:
    return InventoryError(f"{path}:{mark.line + 1}:{mark.column + 1}: {what}", mend)


def _value(node: Any, path: Path) -> Any:
    if node is None:
        return ""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, path) for item in node.value]
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _at(path, key.start_mark, "a key must be a plain word")
        if key.value in found:
            raise _at(path, key.start_mark, f"{clean_line(str(key.value))} stands twice", "Remove one.")
        found[str(key.value)] = _value(value, path)
    return found
