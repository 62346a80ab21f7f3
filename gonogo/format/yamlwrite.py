"""Writing YAML that people like to read: plain words, literal blocks for scripts, nothing folded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

import yaml
from msgspec import Struct

_FIRST = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-[^\s-]")
_AMBIGUOUS = re.compile(r":(?:\s|\Z)|\s#|\s\Z")
_FLOW = re.compile(r"[,\[\]{}]")


class Noted(Struct, frozen=True):
    """A map in a list with a comment above it."""

    value: Mapping[str, Value]
    comment: str


Value = str | int | Sequence["Value"] | Mapping[str, "Value"] | Noted


def write_yaml(value: Mapping[str, Value]) -> str:
    """Return a map as a YAML document."""
    return "\n".join(_map(value, 0)) + "\n"


def _map(value: Mapping[str, Value], indent: int) -> Iterator[str]:
    for key, item in value.items():
        number = key.isdecimal() and key.isascii()
        head = f"{' ' * indent}{key if number else _scalar(key)}:"
        if isinstance(item, str):
            yield from _text(head, item, indent + 2)
        elif isinstance(item, Mapping) and item:
            yield head
            yield from _map(item, indent + 2)
        elif isinstance(item, Sequence) and any(not isinstance(one, str | int) for one in item):
            yield head
            for one in item:
                yield from _item(one, indent + 2)
        else:
            yield f"{head} {_flow(item)}"


def _item(value: Value, indent: int) -> Iterator[str]:
    """Write a map in a list, with the dash before its first key."""
    if isinstance(value, Noted):
        yield f"{' ' * indent}# {value.comment}"
        value = value.value
    if not isinstance(value, Mapping) or not value:
        yield f"{' ' * indent}- {_flow(value)}"
        return
    lines = _map(value, indent + 2)
    yield f"{' ' * indent}- {next(lines)[indent + 2 :]}"
    yield from lines


def _text(head: str, text: str, indent: int) -> Iterator[str]:
    if not _is_block(text):
        yield f"{head} {_scalar(text)}"
        return
    mark = "|" + ("2" if text[0] in " \t\n" else "") + ("" if text.endswith("\n") else "-")
    yield f"{head} {mark}"
    for line in text.removesuffix("\n").split("\n"):
        yield " " * indent + line if line else ""


def _is_block(text: str) -> bool:
    """Tell whether a literal block holds it: several lines, nothing that YAML folds or refuses."""
    return (
        "\n" in text.strip("\n")
        and not text.endswith("\n\n")
        and all(letter.isprintable() or letter in "\n\t" for letter in text)
    )


def _flow(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_scalar(str(one), flow=True) for one in value)}]"
    return _scalar(value) if isinstance(value, str) else str(value)


def _scalar(text: str, *, flow: bool = False) -> str:
    """Return a text on one line: plain where every YAML reader takes it for the same text."""
    if text.isprintable():
        plain = _FIRST.match(text) and not _AMBIGUOUS.search(text) and not (flow and _FLOW.search(text))
        if plain and not _means_else(text):
            return text
        if ('"' in text or "\\" in text) and "'" not in text:
            return f"'{text}'"
    return "".join(_escaped(letter) for letter in json.dumps(text, ensure_ascii=False))


def _means_else(text: str) -> bool:
    """Tell whether YAML 1.1 takes a plain word for a number, a date, yes or no, or nothing at all."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers.get(text[:1], [])
    return any(pattern.match(text) for _, pattern in resolvers)


def _escaped(letter: str) -> str:
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
