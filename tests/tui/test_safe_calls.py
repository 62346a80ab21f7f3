"""No code of the screen hands a string from outside to what parses or sends it as it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PARSES = frozenset({"from_markup", "from_ansi", "from_text", "escape", "render_markup", "visualize"})
"""Calls that take markup or terminal codes in a string for what they say."""
SHOWS = frozenset(
    {
        *(
            "Static",
            "Label",
            "Button",
            "Checkbox",
            "RadioButton",
            "Collapsible",
            "Markdown",
            "Log",
            "RichLog",
        ),
        *("Option", "add_option", "add_options", "set_options", "add_row", "add_column", "TabPane"),
        *("update", "with_tooltip"),
    }
)
"""Widgets that parse a string as markup, and what gives them another one."""
WORN = frozenset({"border_title", "border_subtitle", "tooltip", "label", "prompt", "placeholder"})
"""What is parsed, too, given as an argument or assigned."""
RAW = frozenset({"Content", "assemble", "styled"})
"""Texts of the toolkit's own: not parsed, but sent as they are unless they come through `content`."""
DOOR = "theme.py"
"""Where `content` makes a text of cleaned spans."""
OUR_OWN = {"themed.py": 5}
"""Where terminal sequences of our own are written: title and notification, their words cleaned and cut."""


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _ours(node: ast.expr) -> bool:
    """Tell whether a value is a constant, or of `content`, or several of that joined."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str) or not set("[\x1b") & set(node.value)
    if isinstance(node, ast.IfExp):
        return _ours(node.body) and _ours(node.orelse)
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(node.args) == 1:
        joined = node.args[0]
        made = isinstance(node.func.value, ast.Call) and _name(node.func.value.func) == "Content"
        return made and isinstance(joined, ast.GeneratorExp | ast.ListComp) and _ours(joined.elt)
    return isinstance(node.func, ast.Name) and node.func.id == "content"


def _wrong(node: ast.AST) -> str:
    """Return what is unsafe in a call or an assignment, or an empty string."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        worn = {one.attr for one in targets if isinstance(one, ast.Attribute)} & WORN
        return f"{min(worn)} of something else than content()" if worn and not _ours(node.value) else ""
    return _wrong_call(_name(node.func), node) if isinstance(node, ast.Call) else ""


def _wrong_call(name: str, call: ast.Call) -> str:
    keywords = {one.arg: one.value for one in call.keywords}
    markup = keywords.get("markup")
    off = isinstance(markup, ast.Constant) and markup.value is False
    if name in PARSES:
        return f"{name} parses"
    if name == "notify" and not off:
        return "notify without markup=False"
    given = [*call.args[:1], *(keywords[one] for one in ("content", "renderable") if one in keywords)]
    if name == "update" and len(call.args) > 1:
        return ""  # no widget's: that takes one text
    if name in SHOWS and not all(map(_ours, given)):
        return f"{name} of something else than content()"
    if name in RAW and not all(map(_ours, given)):
        return f"{name} past content()"
    for worn in WORN & keywords.keys():
        if not _ours(keywords[worn]):
            return f"{worn} of something else than content()"
    if name == "print":
        return "print goes to the terminal past the screen"
    return ""


def _files(root: Path) -> list[Path]:
    return sorted((root / "tui").rglob("*.py"))


def test_nothing_is_parsed_as_markup(root: Path) -> None:
    """Every call that could is named with its line."""
    found = [
        f"{path.name}:{node.lineno}: {why}"  # type: ignore[attr-defined]
        for path in _files(root)
        if path.name != DOOR
        for node in ast.walk(ast.parse(path.read_text()))
        if (why := _wrong(node))
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
        "self.notify(clean(text))",
        "Static(text)",
        "Static(f'{a}')",
        "Static('[b]')",
        "Static(content=text)",
        "Content.from_markup(x)",
        "Text.from_ansi(x)",
        "print(x)",
        "Label(text, markup=True)",
        "self.update(text)",
        "self.query_one('#a', Static).update(f'{a}', layout=False)",
        "self.update(Content('\\n').join(text for text in lines))",
        "self.update(content(a) if a else b)",
        "pane.border_title = text",
        "pane.border_subtitle = f'{a}'",
        "pane.tooltip = clean(text)",
        "Static(tooltip=text)",
        "Input(placeholder=text)",
        "Content(text)",
        "Content.assemble(text)",
        "Content.styled(text)",
        "Option(text)",
    ],
)
def test_the_lint_finds_what_it_is_for(code: str) -> None:
    """Each unsafe call or assignment is seen."""
    statement = ast.parse(code).body[0]
    assert _wrong(statement.value if isinstance(statement, ast.Expr) else statement)


@pytest.mark.parametrize(
    "code",
    [
        "self.notify(text, markup=False)",
        "Static(content(line), id=name)",
        "Static(id=name)",
        "self.update(content(a) if a else content(b), layout=False)",
        "self.update(Content('\\n').join([content(line) for line in lines]))",
        "pane.border_title = content(line)",
        "Input(placeholder='type to find')",
    ],
)
def test_the_lint_lets_through_what_is_safe(code: str) -> None:
    """What comes through the one door, and words of the program's own."""
    statement = ast.parse(code).body[0]
    assert not _wrong(statement.value if isinstance(statement, ast.Expr) else statement)
