"""Lengths of time as they are written, `90s` or `1.5h`, and as seconds."""

from __future__ import annotations

import re

DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)\Z")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration(text: str) -> float:
    """Return seconds; a bare number is refused, for nobody knows its unit."""
    match = DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration: write 30s, 15m or 2h")
    return float(match[1]) * _UNITS[match[2]]


def duration_text(seconds: float) -> str:
    """Return seconds as a duration that reads back to the same number, whole if it can be: `90s`, `1d`."""
    from decimal import Decimal

    whole = (f"{round(seconds / size)}{unit}" for unit, size in reversed(_UNITS.items()))
    parts = (f"{Decimal(repr(round(seconds / size, 9))):f}{unit}" for unit, size in _UNITS.items())
    return next((text for text in (*whole, *parts) if _reads_as(text, seconds)), f"{seconds:.9f}s")


def _reads_as(text: str, seconds: float) -> bool:
    try:
        return duration(text) == seconds and (seconds > 0 or text == "0s")
    except ValueError:
        return False
