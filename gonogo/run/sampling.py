"""What a monitor's hosts printed becomes one number. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from msgspec import Struct

from gonogo.format.model import Monitor
from gonogo.hosts import fold
from gonogo.patience import TooSlow, patiently
from gonogo.text import clean_line

from .ports import Ended, Exit

OUTPUT = 64 << 10
"""Bytes of one host's stdout that are looked at: the last ones for `number`, else the first ones."""
_NUMBER = re.compile(r"(?:(?<![\w.+-])[-+])?(?<![\w.])\d{1,300}(?:\.\d{1,300})?(?:[eE][-+]?\d{1,3})?")
_REASONS = 3
"""Reasons that are told why hosts gave no number."""


class Told(Struct, frozen=True):
    """How a host's command ended, and the part of its stdout that counts, without secrets."""

    end: Exit
    stdout: str = ""


class Looked(Struct, frozen=True):
    """One sample: the number (None: there is none), whose it is, and why hosts gave none."""

    value: float | None
    host: str = ""
    why: str = ""


class NoNumber(Exception):
    """A host gave no number; the text says why."""


def look(monitor: Monitor, told: Mapping[str, Told]) -> Looked:
    """Return the sample that a monitor's hosts make together."""
    if monitor.value == "failing":
        bad = {host: _unwell(one.end) for host, one in told.items() if _unwell(one.end)}
        return Looked(float(len(bad)), why=_reasons(bad))
    numbers: dict[str, float] = {}
    missing: dict[str, str] = {}
    for host, one in told.items():
        try:
            numbers[host] = _number(monitor.value, one)
        except NoNumber as error:
            missing[host] = str(error)
    why = _reasons(missing)
    if not numbers:
        return Looked(None, why=why)
    value, host = _combined(monitor.combine, numbers)
    if not math.isfinite(value):
        return Looked(None, why="the numbers are too large to be added")
    return Looked(value, host if len(told) > 1 else "", why)


def _combined(how: str, numbers: Mapping[str, float]) -> tuple[float, str]:
    if how in ("sum", "mean"):
        total = math.fsum(numbers.values())
        return (total if how == "sum" else total / len(numbers)), ""
    pick = max if how == "max" else min
    host = pick(numbers, key=numbers.__getitem__)
    return numbers[host], host


def _unwell(end: Exit) -> str:
    """Return why a command did not end 0, or an empty string."""
    if end.how is Ended.EXIT:
        return f"exit code {end.code}" if end.code else ""
    if end.how is Ended.UNREACHABLE:
        return f"unreachable: {end.reason}" if end.reason else "unreachable"
    return end.reason or end.how.value


def _number(value: str, told: Told) -> float:
    if value == "exit" and told.end.how is Ended.EXIT and told.end.code is not None:
        return float(told.end.code)
    if why := _unwell(told.end):
        raise NoNumber(why)
    text = _last_line(told.stdout) if value == "number" else _found(value, told.stdout)
    match = _NUMBER.search(text)
    if match is None:
        raise NoNumber(f"no number in {clean_line(text[:60])!r}")
    number = float(match[0])
    if not math.isfinite(number):
        raise NoNumber("its number is too large")
    return number


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def _found(pattern: str, text: str) -> str:
    try:
        match = patiently(lambda: re.search(pattern, text, re.MULTILINE))
    except TooSlow:
        raise NoNumber("matching what it printed took too long") from None
    if match is None:
        raise NoNumber("what it printed does not match value=")
    return match[1] or ""


def _reasons(missing: Mapping[str, str]) -> str:
    """Return why hosts gave no number, those with the same reason together."""
    alike: dict[str, list[str]] = {}
    for host, why in missing.items():
        alike.setdefault(why, []).append(host)
    told = [f"{fold(hosts)}: {why}" for why, hosts in list(alike.items())[:_REASONS]]
    if len(alike) > _REASONS:
        told.append(f"{sum(map(len, list(alike.values())[_REASONS:]))} more hosts")
    return clean_line("; ".join(told))[:500]


def number_text(value: float) -> str:
    """Return a number as the trail and people have it: `3`, `0.25`."""
    return f"{value:.15g}"
