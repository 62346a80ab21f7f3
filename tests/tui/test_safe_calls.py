"""No code of the screen hands a string from outside to what parses or sends it as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PARSES = frozenset({"from_markup", "from_ansi", "escape", "render_markup"})
"""Calls that take markup or terminal codes in a string for what they say."""
SHOWS = frozenset({"Static", "Label", "Button", "Option", "Checkbox", "Collapsible"})
"""Widgets that parse a string as markup."""
OUR_OWN = {"themed.py": 5}
"""Where terminal sequences of our own are written: title and notification, their words cleaned and cut."""


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def _wrong(name: str, call: ast.Call) -> str:
    keywords = {one.arg: one.value for one in call.keywords}
    markup = keywords.get("markup")
    off = isinstance(markup, ast.Constant) and markup.value is False
    if name in PARSES:
        return f"{name} parses"
    if name == "notify" and not off:
        return "notify without markup=False"
    if name in SHOWS and call.args and not off:
        first = call.args[0]
        made = isinstance(first, ast.Call) and getattr(first.func, "id", "") == "content"
        return "" if made else f"{name} of something else than content()"
    if name == "print":
        return "print goes to the terminal past the screen"
    return ""


def _files(root: Path) -> list[Path]:
    return sorted((root / "tui").rglob("*.py"))


def test_nothing_is_parsed_as_markup(root: Path) -> None:
    """Every call that could is named with its line."""
    found = [
        f"{path.name}:{call.lineno}: {why}"
        for path in _files(root)
        for name, call in _calls(ast.parse(path.read_text()))
        if (why := _wrong(name, call))
    ]
    assert found == []


def test_terminal_sequences_are_written_in_one_place(root: Path) -> None:
    """No other module holds an escape character."""
    found = {
        path.name: number
        for path in _files(root)
        if (
            number := sum(
                isinstance(node, ast.Constant) and isinstance(node.value, str) and "\x1b" in node.value
                for node in ast.walk(ast.parse(path.read_text()))
            )
        )
    }
    assert found == OUR_OWN


@pytest.mark.parametrize(
    "code",
    [
        "self.notify(text)",
        "Static(text)",
        "Static(f'{a}')",
        "Content.from_markup(x)",
        "print(x)",
        "Label(text, markup=True)",
    ],
)
def test_the_lint_finds_what_it_is_for(code: str) -> None:
    """Each unsafe call is seen."""
    name, call = next(_calls(ast.parse(code)))
    assert _wrong(name, call)
