"""What stands before the first step: title, inventory, inputs, services; the same keys in both spellings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import field

from gonogo.near import nearest
from gonogo.text import clean_line

from .keys import flag
from .model import Head, Input, Named, Place
from .problems import Problems
from .watching import read_monitors
from .yamlread import Node, text_of, texts_of

FRONT_KEYS = (
    "gonogo",
    "title",
    "inventory",
    "inputs",
    "services",
    "blast-radius",
    "allowed-signers",
    "roles",
    "monitors",
    "test-plan",
)
INPUT_KEYS = ("name", "prompt", "choices", "default", "secret", "type", "pattern", "ask")
INPUT_TYPES = ("text", "int", "number", "bool", "host", "duration")
ASKED = ("start", "reached")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Front(Head, frozen=True):
    """The head of a document, and where its keys stand."""

    places: Mapping[str, Place] = field(default_factory=dict)


def front_of(keys: dict[str, Node], place: Place, problems: Problems, extra: tuple[str, ...]) -> Front:
    """Read the head's keys; `extra` are further keys that the document may have."""
    for key, node in keys.items():
        if key not in FRONT_KEYS and key not in extra:
            near = nearest(key, [*FRONT_KEYS, *extra])
            mend = f"Did you mean {near!r}?" if near else ""
            where = node.key_place or node.place
            problems.error(where, "unknown-key", f"there is no key {clean_line(key)!r}", mend)
    version = keys["gonogo"] if "gonogo" in keys else Node("", place)
    if version.value != "1":
        message = f"format version {clean_line(str(version.value))!r} is not known"
        problems.error(version.place, "bad-version", message, "Write gonogo: 1.")
    inputs = keys.get("inputs")
    return Front(
        ours=True,
        title=clean_line(text_of(keys.get("title"), problems)),
        inventory=text_of(keys.get("inventory"), problems) or None,
        inputs=_inputs(inputs, problems) if inputs else (),
        services=tuple(texts_of(keys.get("services"), problems)),
        blast_radius=_blast_radius(keys.get("blast-radius"), problems),
        allowed_signers=text_of(keys.get("allowed-signers"), problems) or None,
        roles=_roles(keys.get("roles"), problems),
        monitors=read_monitors(keys["monitors"], problems) if "monitors" in keys else (),
        test_plan=_test_plan(keys.get("test-plan"), problems),
        places={key: node.key_place or node.place for key, node in keys.items()},
    )


def _inputs(node: Node, problems: Problems) -> tuple[Input, ...]:
    if not isinstance(node.value, list):
        problems.error(node.place, "bad-value", "inputs must be a list", "Begin each with `- name:`.")
        return ()
    found: dict[str, Input] = {}
    for item in node.value:
        one = _input(item, problems)
        if one is None:
            continue
        if one.name in found:
            problems.error(item.place, "duplicate-input", f"the input {one.name} stands twice", "Rename one.")
        found[one.name] = one
    return tuple(found.values())


def _input(item: Node, problems: Problems) -> Input | None:
    if not isinstance(item.value, dict) or "name" not in item.value:
        problems.error(item.place, "bad-value", "an input needs a name", "Write `- name: release`.")
        return None
    keys = item.value
    for key, node in keys.items():
        if key not in INPUT_KEYS:
            where = node.key_place or node.place
            mend = f"An input has {', '.join(INPUT_KEYS)}."
            problems.error(where, "unknown-key", f"there is no key {clean_line(key)!r} of an input", mend)
    name = text_of(keys["name"], problems)
    if not _NAME.fullmatch(name):
        message = f"{clean_line(name)!r} is no name of a variable"
        problems.error(keys["name"].place, "bad-value", message, "Use letters, digits and _.")
        return None
    return Input(
        name=name,
        prompt=clean_line(text_of(keys.get("prompt"), problems)),
        choices=tuple(texts_of(keys.get("choices"), problems)),
        default=text_of(keys["default"], problems) if "default" in keys else None,
        secret=_secret(keys, problems),
        place=item.place,
        type=_one_of("type", keys, INPUT_TYPES, problems),
        pattern=_pattern(keys.get("pattern"), problems),
        ask=_one_of("ask", keys, ASKED, problems),
    )


def _secret(keys: dict[str, Node], problems: Problems) -> bool:
    try:
        return "secret" in keys and flag(text_of(keys["secret"], problems))
    except ValueError as error:
        problems.error(keys["secret"].place, "bad-value", f"secret: {clean_line(str(error))}", "Write true.")
        return True


def _one_of(key: str, keys: dict[str, Node], words: tuple[str, ...], problems: Problems) -> str:
    """Return the key's word; the first one when it is absent or none of them."""
    word = text_of(keys.get(key), problems)
    if word and word not in words:
        message = f"{key}: {clean_line(word)!r} is not known here"
        problems.error(keys[key].place, "bad-value", message, f"Write one of {', '.join(words)}.")
        return words[0]
    return word or words[0]


def _pattern(node: Node | None, problems: Problems) -> str | None:
    text = text_of(node, problems)
    try:
        re.compile(text)
    except re.error as error:
        if node is not None:
            message = f"pattern: {clean_line(text)!r} is no regular expression: {error}"
            problems.error(node.place, "bad-value", message, "Escape what is meant as it stands with \\.")
        return None
    return text or None


def _blast_radius(node: Node | None, problems: Problems) -> int | None:
    text = text_of(node, problems)
    if node is None or (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) > 0):
        return int(text) if text else None
    message = f"blast-radius: {clean_line(text)!r} is no number of hosts"
    problems.error(node.place, "bad-value", message, "Write 1 or more.")
    return None


def _roles(node: Node | None, problems: Problems) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if node is None:
        return ()
    if not isinstance(node.value, dict):
        mend = "Write `dba: [alice@example.org]`."
        problems.error(node.place, "bad-value", "roles must be a map of lists", mend)
        return ()
    return tuple((role, tuple(texts_of(people, problems))) for role, people in node.value.items())


def _test_plan(node: Node | None, problems: Problems) -> tuple[Named, ...]:
    if node is None:
        return ()
    items = node.value if isinstance(node.value, list) else [node]
    found = (Named(clean_line(text_of(item, problems).strip()), item.place) for item in items)
    return tuple(one for one in found if one.id)
