"""What both spellings share: keys whose values differ, defaults that steps have in common, and the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gonogo.errors import RunbookError
from gonogo.text import clean_line

from .duration import duration, duration_text
from .keys import KEYS
from .load import loads
from .model import Options, Runbook, Section, Severity, Step

Path = tuple[int, ...]
"""Which child of which child, from the top."""
Explicit = frozenset[tuple[Path, str]]
"""What has to be written out, for the reader derives something else: `id`, `title`, `prose`."""
Writer = Callable[[Runbook, Explicit], str]

_ROUNDS = 5
_COMMON = frozenset(
    {"hosts", "via", "run_as", "cwd", "env", "interpreter", "order", "parallel", "max_failures"}
    | {"timeout", "connect_timeout", "read_only", "tags"}
)
"""Options that a section may say for all its steps."""


class Spelling(Struct, frozen=True):
    """A runbook as text; `lost` says what this spelling could not hold, one line each."""

    text: str
    lost: tuple[str, ...]


def spelling(runbook: Runbook, write: Writer, name: str) -> Spelling:
    """Write a runbook and read it back until it is the same; `name` tells the reader which spelling it is.

    What the reader derives in another way (ids, titles) is written out in the next round.
    """
    explicit: Explicit = frozenset()
    for _ in range(_ROUNDS):
        text = write(runbook, explicit)
        try:
            back = loads(text.encode("utf-8", "replace"), name, checked=False)
        except RunbookError as error:
            return Spelling(text, (error.what,))
        found = dict(differences(runbook, back.runbook))
        if found.keys() <= explicit:
            break
        explicit |= found.keys()
    refused = [one.message for one in back.problems if one.severity is Severity.ERROR]
    return Spelling(text, (*refused, *found.values()))


def differences(one: Runbook, other: Runbook) -> Iterator[tuple[tuple[Path, str], str]]:
    """Yield what differs between two runbooks, places and origin aside: where, which field, and a line."""
    for name in ("title", "inventory", "services", "blast_radius", "allowed_signers", "roles"):
        if getattr(one, name) != getattr(other, name):
            yield ((), name), f"the runbook's {_shown(name)} differs"
    if [replace(found, place=None) for found in one.inputs] != [
        replace(found, place=None) for found in other.inputs
    ]:
        yield ((), "inputs"), "the inputs differ"
    if _monitors(one) != _monitors(other):
        yield ((), "monitors"), "the monitors differ"
    if [named.id for named in one.test_plan] != [named.id for named in other.test_plan]:
        yield ((), "test-plan"), "the test plan differs"
    yield from _differing(one.children, other.children, (), "the runbook")


def _differing(
    ones: Sequence[Section | Step], others: Sequence[Section | Step], path: Path, above: str
) -> Iterator[tuple[tuple[Path, str], str]]:
    if [type(child) for child in ones] != [type(child) for child in others]:
        yield (path, "children"), f"{above}: what stands under it differs"
        return
    for at, (one, other) in enumerate(zip(ones, others, strict=True)):
        here = (*path, at)
        title = repr(clean_line(one.title))
        for name in _fields(one):
            if _bare(getattr(one, name)) != _bare(getattr(other, name)):
                yield (here, name), f"{title}: its {_shown(name)} differs"
        if isinstance(one, Section) and isinstance(other, Section):
            yield from _differing(one.children, other.children, here, title)


def _fields(node: Section | Step) -> list[str]:
    return [name for name in node.__struct_fields__ if name not in ("place", "children")]


def _monitors(runbook: Runbook) -> list[tuple[object, ...]]:
    """Return all that makes the monitors, without places."""
    return [
        (
            *(_bare(getattr(one.step, name)) for name in _fields(one.step)),
            *(one.value, one.combine, one.unit, one.limits),
        )
        for one in runbook.monitors
    ]


def _bare(value: object) -> object:
    """Return a field's value without its place; blank lines around prose mean nothing."""
    if isinstance(value, str):
        return value.strip("\n") if value.strip() else ""
    return replace(value, place=None) if hasattr(value, "place") else value  # type: ignore[type-var]


def _shown(name: str) -> str:
    return name.replace("_", " ")


def changed(options: Options, base: Options) -> Iterator[tuple[str, object]]:
    """Yield key and value of each option that is not as `base` has it."""
    for key, (field, _) in KEYS.items():
        value = getattr(options, field)
        if value != getattr(base, field):
            yield key, value


def value_text(key: str, value: object) -> str:
    """Return an option's value as a runbook has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if KEYS[key][1] is duration or (key == "between" and str(value).isdecimal()):
        return duration_text(float(str(value)))
    if key in ("env", "exit") and isinstance(value, tuple):
        return ("," if key == "env" else " ").join(f"{name}={word}" for name, word in value)
    return ",".join(value) if isinstance(value, tuple) else str(value)


def defaults(section: Section, base: Options) -> Options:
    """Return what a section says for all that stands under it, where `base` stands above it."""
    if section.rolling is not None:
        return section.rolling
    below = list(_options(section.children))
    common = {
        name: value
        for name in _COMMON
        if len(below) > 1 and len(set(values := [getattr(one, name) for one in below])) == 1
        for value in values[:1]
    }
    return replace(base, **common)


def inherited(options: Options) -> Options:
    """Return what of a section's options its steps begin with."""
    return replace(options, batch=(), between="ask", outage_begin=None, outage_end=None, wait=None, at=None)


def _options(children: Sequence[Section | Step]) -> Iterator[Options]:
    for child in children:
        if isinstance(child, Step):
            yield child.options
        elif child.rolling is not None:
            yield child.rolling
        else:
            yield from _options(child.children)
