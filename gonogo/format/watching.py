"""`monitors:`: read-only commands that run every so often during the whole run, each for one number."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from gonogo.near import nearest
from gonogo.text import clean_line

from .keys import KEYS, OneOf, Word, read_options, regex, said
from .model import SPOKEN, Kind, Limits, Monitor, Options, Place, Script, Step
from .problems import Problems
from .yamlkeys import given_of, language_of, spoken
from .yamlread import Node, text_of

EVERY = 30.0
"""Seconds between two samples of a monitor that does not say."""
LEAST_EVERY = 1.0
TIMEOUT = 30.0
"""Seconds that one sample may take where nothing is said."""
MOST = 50
"""Monitors of one runbook: each keeps some hundred samples in memory, and a line on the screen."""
VALUES = ("number", "exit", "failing")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}\Z")
UNIT = re.compile(r"\S(?:.{0,10}\S)?\Z")
LIMIT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?\Z")


def limit(text: str) -> float:
    """Return where a number begins to be a warning or an alarm."""
    if not LIMIT.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no number: write 4 or 0.5")
    return float(text)


def value(text: str) -> str:
    """Return how a number is read: one of VALUES, or a regular expression with one group."""
    if text in VALUES:
        return text
    if re.compile(regex(text)).groups != 1:
        raise ValueError(
            f"{text!r} has not one group around the number: write (…) once, or {', '.join(VALUES)}"
        )
    return text


_LIMITS = ("warn-above", "warn-below", "alarm-above", "alarm-below")
OWN: dict[str, Callable[[str], Any]] = {
    "name": Word(NAME, "name of a monitor", "at most 40 letters, digits and ._/-"),
    "value": value,
    "combine": OneOf(("max", "min", "sum", "mean")),
    "unit": Word(UNIT, "unit", "one or two short words, such as ms"),
    **dict.fromkeys(_LIMITS, limit),
}
"""Keys of a monitor alone, with each value's check."""
OPTIONS = ("hosts", "via", "as", "cwd", "env", "interpreter", "parallel", "every", "timeout")
"""Keys of a step that a monitor has, too."""
SCRIPT = ("run", "openstack", "language")
MONITOR_KEYS = (*OWN, *SCRIPT, *OPTIONS)


def read_monitors(node: Node, problems: Problems) -> tuple[Monitor, ...]:
    """Read the list under `monitors:`; what is wrong with an entry is told, and the entry left out."""
    if not isinstance(node.value, list):
        problems.error(node.place, "bad-value", "monitors must be a list", "Begin each with `- name:`.")
        return ()
    found: dict[str, Monitor] = {}
    for item in node.value:
        one = _monitor(item, problems)
        if one is None:
            continue
        if one.name in found:
            message = f"the monitor {one.name} stands twice"
            problems.error(item.place, "duplicate-id", message, "Rename one.")
        found[one.name] = one
    if len(found) > MOST:
        message = f"there are {len(found)} monitors, and {MOST} are taken"
        problems.error(node.place, "too-large", message, "Take some out.")
    return tuple(found.values())[:MOST]


def _monitor(item: Node, problems: Problems) -> Monitor | None:
    keys = item.value
    if not isinstance(keys, dict) or "name" not in keys or not {"run", *SPOKEN} & keys.keys():
        mend = "Write `- name: load` and `run: cat /proc/loadavg` below it."
        problems.error(item.place, "bad-value", "a monitor needs a name, and run or openstack", mend)
        return None
    _refuse(keys, problems)
    given = {key: said for key, said in given_of(keys, (), problems).items() if key in OPTIONS}
    options = read_options(Options(), given, ours=True, problems=problems)
    own = {key: _read(key, keys[key], parse, problems) for key, parse in OWN.items() if key in keys}
    script = _script(keys, problems)
    if own["name"] is None or script is None:
        return None
    if options.every is not None and options.every < LEAST_EVERY:
        problems.error(
            given["every"][1], "bad-value", "every: a monitor rests a second at least", "Write 1s."
        )
    options = replace(
        options, every=options.every or EVERY, timeout=options.timeout or TIMEOUT, read_only=True
    )
    step = Step(own["name"], own["name"], Kind.RUN, item.place, options, script)
    limits = Limits(*(own.get(key) for key in _LIMITS))
    _ordered(limits, item.place, problems)
    combine = own.get("combine") or usual(limits)
    return Monitor(step, own.get("value") or VALUES[0], combine, own.get("unit") or "", limits)


def _refuse(keys: dict[str, Node], problems: Problems) -> None:
    for key, node in keys.items():
        if key in MONITOR_KEYS:
            continue
        near = nearest(key, MONITOR_KEYS)
        mend = f"Did you mean {near!r}?" if near else f"A monitor has {', '.join(MONITOR_KEYS)}."
        if key in KEYS:
            mend = "Take it out: a monitor only looks, every so often."
        message = f"there is no key {clean_line(key)!r} of a monitor"
        problems.error(node.key_place or node.place, "unknown-key", message, mend, len(key))


def _read(key: str, node: Node, parse: Callable[[str], Any], problems: Problems) -> Any:
    """Return a key's value, or None with the mistake told."""
    try:
        return parse(text_of(node, problems))
    except ValueError as error:
        what, mend = said(error)
        problems.error(node.place, "bad-value", f"{key}: {what}", mend)
        return None


def _script(keys: dict[str, Node], problems: Problems) -> Script | None:
    if len({"run", *SPOKEN} & keys.keys()) > 1 or ("language" in keys and SPOKEN & keys.keys()):
        place = keys["name"].place
        problems.error(place, "bad-value", "a monitor has run, or openstack alone", "Take one out.")
    inner = spoken(keys)
    text = text_of(inner["run"], problems)
    if not text.strip():
        problems.error(inner["run"].place, "bad-value", "run is empty", "Write a command.")
        return None
    return Script(text.rstrip("\n"), language_of(inner, problems) or "sh", inner["run"].place)


def _ordered(limits: Limits, place: Place, problems: Problems) -> None:
    """Tell of limits that cannot all be meant: an alarm before its warning, or a number always past one."""
    over = (limits.warn_above, limits.alarm_above)
    under = (limits.alarm_below, limits.warn_below)
    lows, highs = ([one for one in pair if one is not None] for pair in (under, over))
    wrong = any(len(pair) == 2 and pair[0] > pair[1] for pair in (lows, highs))
    if wrong or max(lows, default=-math.inf) > min(highs, default=math.inf):
        mend = "From the lowest: alarm-below, warn-below, warn-above, alarm-above."
        problems.error(place, "bad-value", "its warnings and alarms are not in order", mend)


def usual(limits: Limits) -> str:
    """Return how hosts' numbers are combined where nothing is said: so that the worst of them counts."""
    above = (limits.warn_above, limits.alarm_above)
    only_below = above == (None, None) and (limits.warn_below, limits.alarm_below) != (None, None)
    return "min" if only_below else "max"
