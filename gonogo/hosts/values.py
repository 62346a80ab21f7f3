"""Variables as text: scalars as they are written, lists and maps as JSON."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Mapping
from typing import Any

from .names import Refused, brief
from .reach import check_reach
from .written import Map, typed


def text_of(value: Any) -> str:
    """Return a value as text: null is empty, lists and maps are JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def texts(variables: Mapping[Any, Any]) -> dict[str, str]:
    """Return variables as text; raise Refused, with the place in a Map, for one that must not be."""
    found = {}
    for name, value in variables.items():
        try:
            found[str(name)] = checked(str(name), text_of(typed(value)))
        except Refused as error:
            error.place = variables.places.get(name) if isinstance(variables, Map) else None
            raise
    return found


def checked(name: str, value: str) -> str:
    """Return the value; raise Refused when no shell could take it, or ssh must not be given it."""
    check_reach(name, value)
    if value.isascii() and "\0" not in value:
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        broken = "half a character (a lone surrogate)"
    else:
        if "\0" not in value:
            return value
        broken = "a NUL character"
    raise Refused(f"the variable {brief(name)!r} holds {broken}", "Take it out; no shell could be given it.")


def literal(text: str) -> str:
    """Return an INI value as text: Ansible reads it as a Python literal where it is one."""
    if text == "None":
        return ""
    if not text or (text[0] not in "'\"[{(" and "#" not in text):
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    if isinstance(found, str):
        return found
    if isinstance(found, list | tuple | dict | set):
        return json.dumps(found, ensure_ascii=False, default=_plain)
    return text.partition("#")[0].strip()


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, set) else str(value)
