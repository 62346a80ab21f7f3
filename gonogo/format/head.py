"""The front matter of a Markdown document, in YAML (`---`), TOML (`+++`) or JSON (`{`)."""

from __future__ import annotations

import json
import re
from typing import Any

from gonogo.text import clean_line

from .front import Front, front_of
from .model import Place
from .problems import Problems
from .yamlread import UNFIT, UNFIT_TOLD, Node, read_yaml

SIZE_LIMIT = 256 << 10
"""Bytes of TOML or JSON; YAML has its own limit."""
_OURS = {
    "yaml": re.compile(r"^(?:gonogo|\"gonogo\"|'gonogo')\s*:", re.MULTILINE),
    "toml": re.compile(r"^\s*[\"']?gonogo[\"']?\s*=", re.MULTILINE),
    "json": re.compile(r"\"gonogo\"\s*:"),
}
_BEGINS = re.compile(r"[ \t]*(?:#|[^\s:][^:\n]*:(?:\s|$))")
"""The first line of a map."""
_LATE = re.compile(r"\s*\n(?:---[ \t]*\ngonogo[ \t]*:|\+\+\+[ \t]*\ngonogo[ \t]*=)")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)")


def head_of(text: str, file: str, problems: Problems) -> tuple[Front, int]:
    """Return a document's head and how many lines it takes.

    A document is ours when its head says `gonogo`. Anybody else's head is left alone but for its title.
    """
    kind, body, first, lines = _split(text)
    if not kind:
        if late := _LATE.match(text):
            place = Place(file, text.count("\n", 0, late.end()))
            mend = "Take out what stands before it."
            problems.error(place, "bad-head", "the front matter must begin in the first line", mend)
        return Front(), 0
    ours = _OURS[kind].search(body) is not None
    told = problems if ours else Problems()
    if not lines:
        if ours:
            mend = {"yaml": "End it with a line ---.", "toml": "End it with a line +++."}.get(
                kind, "Add a }."
            )
            problems.error(Place(file, 1), "bad-head", "the front matter is never closed", mend)
        return Front(ours=ours), 0
    node = _READERS[kind](body, file, first, told)
    if not ours and kind == "yaml" and _is_text(body, node):
        return Front(), 0
    if node is None or not isinstance(node.value, dict):
        return Front(ours=ours), lines
    if "gonogo" in node.value:
        return front_of(node.value, Place(file, first), problems, extra=()), lines
    title = node.value.get("title")
    return Front(title=clean_line(title.value) if title and isinstance(title.value, str) else ""), lines


def _is_text(body: str, node: Node | None) -> bool:
    """Tell whether what stands between two lines of `---` is the document's own: they are rules then."""
    no_map = node is not None and not isinstance(node.value, dict)
    return no_map or not _BEGINS.match(body)


def _split(text: str) -> tuple[str, str, int, int]:
    """Return kind, text, first line and number of lines of the front matter; 0 when it has no end."""
    if re.match(r"\{\s*[\"}]", text):
        return _split_json(text)
    mark, _, rest = text.partition("\n")
    kind = {"---": "yaml", "+++": "toml"}.get(mark.rstrip(), "")
    if not kind:
        return "", "", 0, 0
    end = re.compile(r"^(?:---|\.\.\.)[ \t]*$" if kind == "yaml" else r"^\+\+\+[ \t]*$", re.MULTILINE).search(
        rest
    )
    if end is None:
        # Without an end only the paragraph below can be meant.
        return kind, rest.split("\n\n", 1)[0], 2, 0
    body = rest[: end.start()]
    return kind, body, 2, body.count("\n") + 2


def _split_json(text: str) -> tuple[str, str, int, int]:
    try:
        _, end = json.JSONDecoder().raw_decode(text[:SIZE_LIMIT])
    except (ValueError, RecursionError):
        body = text.split("\n\n", 1)[0]
        closed = re.search(r"^\}[ \t]*$", text[:SIZE_LIMIT], re.MULTILINE)
        if closed is not None:
            body = text[: closed.end()]
        return "json", body, 1, body.count("\n") + 1 if closed else 0
    tail = text[end:].partition("\n")[0]
    return ("json", text[:end], 1, text.count("\n", 0, end) + 1) if not tail.strip() else ("", "", 0, 0)


def _json(text: str, file: str, first: int, problems: Problems) -> Node | None:
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        place = Place(file, first + error.lineno - 1, error.colno)
        problems.error(
            place, "bad-head", f"the front matter is no JSON: {error.msg}", "Check its quotes and commas."
        )
    except (ValueError, RecursionError) as error:
        message = f"the front matter is no JSON: {clean_line(str(error))}"
        problems.error(Place(file, first), "bad-head", message, "Check its keys and brackets.")
    else:
        return _node(data, _Lines(text, file, first), Place(file, first), problems)
    return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _toml(text: str, file: str, first: int, problems: Problems) -> Node | None:
    import tomllib

    try:
        if len(text) > SIZE_LIMIT:
            raise ValueError(f"more than {SIZE_LIMIT >> 10} KiB")
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        at = _AT.search(str(error))
        line, column = (int(at[1]), int(at[2])) if at and at[1] else (1, 1)
        what = clean_line(_AT.sub("", str(error)))
        place = Place(file, first + line - 1, column)
        problems.error(place, "bad-head", f"the front matter is no TOML: {what}", "Check it at this place.")
        return None
    return _node(data, _Lines(text, file, first), Place(file, first), problems)


_READERS = {"yaml": read_yaml, "toml": _toml, "json": _json}


class _Lines:
    """Finds where a key stands: the readers of TOML and JSON do not tell."""

    def __init__(self, text: str, file: str, first: int) -> None:
        self._file, self._places = file, dict[str, Place]()
        for number, line in enumerate(text.split("\n"), first):
            for match in re.finditer(r"[\"']?([A-Za-z_][\w-]*)[\"']?\s*[=:\]]", line):
                self._places.setdefault(match[1], Place(file, number, match.start() + 1))

    def of(self, key: str, outer: Place) -> Place:
        return self._places.get(key, outer)


def _node(value: Any, lines: _Lines, place: Place, problems: Problems) -> Node:
    if isinstance(value, dict):
        found: dict[str, Node] = {}
        for key, inner in value.items():
            where = lines.of(key, place)
            node = _node(inner, lines, where, problems)
            found[key] = Node(node.value, node.place, where)
        return Node(found, place)
    if isinstance(value, list):
        return Node([_node(inner, lines, place, problems) for inner in value], place)
    if isinstance(value, bool):
        return Node("true" if value else "false", place)
    text = "" if value is None else str(value)
    if UNFIT.search(text):
        problems.error(place, "bad-head", UNFIT_TOLD, "Take it out.")
    return Node(text, place)
