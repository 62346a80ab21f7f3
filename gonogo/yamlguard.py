"""The gate for runbooks and inventories in YAML: limits are checked before anything is built."""

from __future__ import annotations

from typing import Any

import yaml

from gonogo.text import clean_line

DEPTH_LIMIT = 50
NODE_LIMIT = 2_000_000
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class BadYaml(ValueError):
    """What is refused and where. `line` and `column` count from 1; 0 where the place is not known."""

    def __init__(self, code: str, message: str, mend: str = "", mark: Any = None, tag: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.mend, self.tag = code, message, mend, tag
        self.line: int = mark.line + 1 if mark else 0
        self.column: int = mark.column + 1 if mark else 0


def compose(text: str | bytes, node_limit: int = NODE_LIMIT) -> yaml.Node | None:
    """Return the document's node, every scalar a string; None when it is empty. Raise BadYaml.

    Only a document known to be shallow is built: the C builder recurses and would crash on depth.
    """
    try:
        _check(text, node_limit)
        node: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = clean_line(error.problem or str(error))
        raise BadYaml("bad-yaml", message, "Check indentation and quotes.", mark) from None
    except (yaml.YAMLError, UnicodeError) as error:
        message = clean_line((str(error).splitlines() or ["this is no YAML"])[0])
        raise BadYaml("bad-yaml", message, "Save it as UTF-8.") from None
    return node


def _check(text: str | bytes, node_limit: int) -> None:
    depth = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        mark = event.start_mark
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            raise BadYaml("too-deep", f"nested deeper than {DEPTH_LIMIT} levels", "Flatten it.", mark)
        if nodes > node_limit:
            raise BadYaml("too-deep", f"more than {node_limit} values", "Split it.", mark)
        if getattr(event, "anchor", None):
            raise BadYaml("anchor", "anchors and aliases are not taken", "Write the value out.", mark)
        if tag := getattr(event, "tag", None):
            shown = clean_line(str(tag))
            raise BadYaml("tag", f"the tag {shown} is not taken", "Take it out.", mark, tag=str(tag))
