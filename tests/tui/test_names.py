"""Our screens and panes keep nothing under a name that the toolkit has for something of its own."""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import lru_cache
from pathlib import Path

from textual.message_pump import MessagePump


@lru_cache
def _kept(source: str, owner: str) -> set[str]:
    """Return the attributes that a class of this name assigns on itself."""
    return {
        target.attr
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == owner
        for target in ast.walk(node)
        if isinstance(target, ast.Attribute)
        and isinstance(target.ctx, ast.Store)
        and isinstance(target.value, ast.Name)
        and target.value.id == "self"
        and target.attr.startswith("_")
    }


def test_no_attribute_of_the_toolkit_is_taken(root: Path) -> None:
    """A pane that kept `_running` was painted a key late: a message pump has a flag of this name."""
    clashes = []
    for path in sorted((root / "tui").rglob("*.py")):
        name = ".".join(("gonogo", *path.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        for one in vars(importlib.import_module(name)).values():
            if inspect.isclass(one) and issubclass(one, MessagePump) and one.__module__ == name:
                ours = _kept(path.read_text(), one.__name__)
                for base in one.__mro__:
                    if base.__module__.startswith("textual."):
                        taken = _kept(inspect.getsource(base), base.__name__)
                        clashes += [f"{path.name}: {one.__name__}.{attr}" for attr in sorted(ours & taken)]
    assert not clashes
