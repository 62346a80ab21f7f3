"""The hands: each executor reaches hosts one way. Loaded when first used."""

from __future__ import annotations

import difflib
import importlib
from importlib.metadata import entry_points

from gonogo.errors import ExecutorError
from gonogo.run.ports import Executor
from gonogo.text import clean_line

_OWN = {"local": ("gonogo.executors.local", "LocalExecutor"), "ssh": ("gonogo.executors.ssh", "SshExecutor")}
GROUP = "gonogo.executors"
"""The entry-point group through which other packages add executors."""


def create(name: str) -> Executor:
    """Return a new executor; raise ExecutorError for an unknown name."""
    if name in _OWN:
        module, attribute = _OWN[name]
        made: Executor = getattr(importlib.import_module(module), attribute)()
        return made
    others = {found.name: found for found in entry_points(group=GROUP)}
    if name in others:
        found: Executor = others[name].load()()
        return found
    near = difflib.get_close_matches(name, [*_OWN, *others], n=1)
    mend = f"Did you mean {near[0]}?" if near else f"There are: {', '.join([*_OWN, *others])}."
    raise ExecutorError(f"there is no executor {clean_line(name)!r}", mend)
