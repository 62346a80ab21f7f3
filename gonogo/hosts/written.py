"""Variables as a document writes them, and what Ansible takes them for."""

from __future__ import annotations

import re
from typing import Any, Self

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


class Map(dict[str, Any]):
    """A map that knows where its keys stand: `places[key]` is (line, column), both from 1."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[str, tuple[int, int]] = {}


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
