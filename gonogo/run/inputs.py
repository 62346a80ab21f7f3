"""What a value given for an input must be like. Pure."""

from __future__ import annotations

import re
from collections.abc import Container

from gonogo.format.duration import duration
from gonogo.trail.redact import SHORTEST

from .plan import PlannedInput

LIMIT = 64 << 10
"""Characters of a value."""
NAMED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")
"""A value's name where a text uses it: `$name`, `${name}`."""


def writable(text: str) -> bool:
    """Return whether a text can be recorded as it is, and reach a shell."""
    return "\0" not in text and text.encode("utf-8", "replace") == text.encode("utf-8", "surrogatepass")


def offered(wanted: PlannedInput) -> tuple[str, ...]:
    """Return the values that there are to choose from; none where others may do."""
    return wanted.choices or (("true", "false") if wanted.type == "bool" else ())


def accept(wanted: PlannedInput, value: str, hosts: Container[str]) -> str:
    """Return why a value cannot be taken, or an empty string. `hosts` are the names that a host may have."""
    name = wanted.name
    if len(value) > LIMIT or not writable(value):
        return f"the input {name!r} holds a NUL or half a character, or more than {LIMIT >> 10} thousand"
    if wanted.secret and len(value) < SHORTEST:
        return f"the secret {name!r} has fewer than {SHORTEST} characters, so it cannot be masked in output"
    if wanted.choices and value not in wanted.choices:
        return f"the input {name!r} must be one of {', '.join(wanted.choices)}" + _not(wanted, value)
    if wanted.type != "text" and not _fits(wanted.type, value, hosts):
        return f"the input {name!r} must be {_TYPES[wanted.type]}" + _not(wanted, value)
    if wanted.pattern is not None and not re.fullmatch(wanted.pattern, value):
        return f"the input {name!r} must match {wanted.pattern}" + _not(wanted, value)
    return ""


_TYPES = {
    "int": "a whole number",
    "number": "a number such as 2.5",
    "bool": "true or false",
    "host": "a host of the inventory",
    "duration": "a duration such as 30s, 15m or 2h",
}


def _not(wanted: PlannedInput, value: str) -> str:
    return "" if wanted.secret else f", not {value!r}"


def _fits(kind: str, value: str, hosts: Container[str]) -> bool:
    match kind:
        case "int":
            return re.fullmatch(r"-?\d{1,18}", value, re.ASCII) is not None
        case "number":
            return re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", value, re.ASCII) is not None
        case "bool":
            return value in ("true", "false")
        case "host":
            return value in hosts
    try:
        duration(value)
    except ValueError:
        return False
    return True
