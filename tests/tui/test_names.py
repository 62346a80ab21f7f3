"""Our screens and panes keep nothing under a name that the toolkit has for something of its own."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from functools import cache
from pathlib import Path

from textual.message_pump import MessagePump


@cache
def _kept(kind: type) -> set[str]:
    """Return the attributes that a class assigns on itself."""
    return {
        target.attr
        for target in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(kind))))
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
                for base in one.__mro__:
                    if base.__module__.startswith("textual."):
                        clashes += [
                            f"{path.name}: {one.__name__}.{attr}" for attr in _kept(one) & _kept(base)
                        ]
    assert not clashes
