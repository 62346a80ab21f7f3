"""Keys of a map in YAML as the reader of attributes wants them; the language that a map's script is in."""

from __future__ import annotations

import re
from collections.abc import Collection

from gonogo.text import clean_line

from .attributes import Given
from .keys import KEYS
from .model import SPOKEN
from .problems import Problems
from .yamlread import Node, text_of

_LANGUAGE = re.compile(r"[a-z][a-z0-9+.#-]*\Z")


def given_of(keys: dict[str, Node], own: Collection[str], problems: Problems) -> Given:
    """Return every key as a text with its place, but those that are a kind's `own`; `title` is taken too."""
    given: Given = {}
    for key, node in keys.items():
        if key in own:
            continue
        place = node.key_place or node.place
        if isinstance(node.value, list) and key in ("batch", "tags", "capture-keys"):
            given[key] = (",".join(text_of(item, problems) for item in node.value), node.place)
        elif isinstance(node.value, dict) and key in ("exit", "env"):
            pairs = [f"{name}={text_of(value, problems)}" for name, value in node.value.items()]
            given[key] = (",".join(pairs), node.place)
        else:
            given[key] = (text_of(node, problems), node.place if key in KEYS else place)
    if "title" in keys:
        given["title"] = (text_of(keys["title"], problems), keys["title"].place)
    return given


def spoken(keys: dict[str, Node]) -> dict[str, Node]:
    """Return the keys with `run` and its language in place of the key that is called as the language."""
    for language in SPOKEN & keys.keys():
        node = keys[language]
        rest = {key: value for key, value in keys.items() if key != language}
        return {**rest, "run": node, "language": Node(language, node.place)}
    return dict(keys)


def language_of(keys: dict[str, Node], problems: Problems) -> str:
    """Return the language that keys name, or nothing."""
    language = text_of(keys.get("language"), problems).lower()
    if "language" not in keys or _LANGUAGE.match(language):
        return language
    message = f"{clean_line(language)!r} is no language"
    problems.error(keys["language"].place, "bad-value", message, "Write one word, such as bash.")
    return ""
