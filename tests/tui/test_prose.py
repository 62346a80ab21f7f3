"""How a document's words and commands look: as their author wrote them, and nothing of them lost."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from gonogo.text import clean_line
from gonogo.tui.lines import Line, width
from gonogo.tui.prose import prose, script
from gonogo.tui.shell import marked
from gonogo.tui.theme import STYLES

from .hostile import ALL, STRINGS

TABLE = """\
| host | free | note |
|------|-----:|:----:|
| db1 | 7 | `full` \\| not |
| db22 | 120 |"""


def shown(lines: list[Line]) -> list[str]:
    """Return lines as plain text."""
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def styled(lines: list[Line], style: str) -> list[str]:
    """Return the pieces that have a style."""
    return [text for line in lines for text, found in line if found == style]


def test_a_table_stands_in_columns() -> None:
    """Its columns are as wide as their widest cell and keep their side; its head is told from its rows."""
    lines = prose(f"Before.\n\n{TABLE}\n\nAfter.", 60)
    assert shown(lines) == [
        "Before.",
        "",
        "host  free     note",
        "──────────────────────",
        "db1      7  full | not",
        "db22   120",
        "",
        "After.",
    ]
    assert styled(lines, "title") == ["host", "free", "note"]


def test_a_table_too_wide_is_shown_by_rows() -> None:
    """Each row begins a line of its own and goes on further in; no cell is missing."""
    lines = prose(TABLE, 16)
    assert [line for line in shown(lines) if line.startswith("|")] == [
        "| host | free |",
        "| db1 | 7 | full",
        "| db22 | 120 |",
    ]
    assert {"host", "free", "note", "full", "not", "120"} <= set(" ".join(shown(lines)).split())
    assert all(width(line) <= 17 for line in lines)


@pytest.mark.parametrize("source", ["a | b\nc | d", "a | b\n--- c\nd", "this | that", "|\n|"])
def test_bars_alone_are_no_table(source: str) -> None:
    """Without a rule of as many cells as the head the lines are a paragraph."""
    assert " ".join(shown(prose(source, 60))) == " ".join(source.split())


def test_a_line_without_bars_is_no_tables_rule() -> None:
    """It makes a heading of the line above, also of one with a bar."""
    assert "".join(styled(prose("low | high |\n---\nwords", 60), "title")) == "low | high |"
    assert shown(prose("a |\n-", 60)) == ["a |"]


def test_a_quote_stands_behind_a_bar() -> None:
    """Its lines are wrapped behind one, with what they hold; a bare line goes on with it."""
    source = "> Never restart\n> both at once.\n>\n> - one\n> > deeper\nstill\n\nNot quoted."
    assert shown(prose(source, 18)) == [
        "│ Never restart",
        "│ both at once.",
        "│",
        "│ • one",
        "│ │ deeper still",
        "",
        "Not quoted.",
    ]


def test_an_item_keeps_its_lines_together() -> None:
    """Its second line joins the first, its second paragraph stands under its words, lists stay nested."""
    source = (
        "- first\n  goes on\n  1. nested\n     too\n  2. again\n\n  Second one.\n- [x] done\nlazily\n\nEnd."
    )
    assert shown(prose(source, 40)) == [
        "• first goes on",
        "  1. nested too",
        "  2. again",
        "",
        "  Second one.",
        "☑ done lazily",
        "",
        "End.",
    ]
    assert shown(prose("- some words that wrap", 14)) == ["• some words", "  that wrap"]


def test_four_blanks_are_code() -> None:
    """Such lines are kept as they are, also within an item; in a paragraph they only go on with it."""
    source = "See:\n\n    a  *b*\n\n      c\n\n- item\n\n      d  _e_\n\nwords\n    go on"
    lines = prose(source, 40)
    assert shown(lines) == [
        "See:",
        "",
        "▎ a  *b*",
        "",
        "▎   c",
        "",
        "• item",
        "",
        "  ▎ d  _e_",
        "",
        "words go on",
    ]


def test_a_fence_ends_with_its_own_sign() -> None:
    """Another fence's sign is text within it; in an item it stands under the item's words."""
    source = "1. do\n   ~~~\n   ```\n     x\n   ~~~\n   then"
    assert shown(prose(source, 40)) == ["1. do", "   ▎ ```", "   ▎   x", "   then"]


def test_underscores_mark_words_and_not_names() -> None:
    """They are bold and emphasis around words; within a name they are the name's."""
    lines = prose("__Do not__ stop _now_: snake_case_name, __a_b__, x__y__z, _", 80)
    assert shown(lines) == ["Do not stop now: snake_case_name, a_b, x__y__z, _"]
    assert (styled(lines, "title"), styled(lines, "em")) == (["Do ", "not", "a_b"], ["now"])


def test_a_heading_keeps_what_does_not_close_it() -> None:
    """Signs behind a blank close it, others belong to it."""
    assert shown(prose("## In C# ##\n# F#", 40)) == ["In C#", "F#"]


HOSTILE = {
    "columns": "|a" * 10_000 + "\n" + "|-" * 10_000 + "\n" + "|b" * 10_000,
    "rows": "|a|b|\n|-|-|\n" + f"|{STRINGS[0]}|y|\n" * 1_000,
    "quotes": ">" * 10_000 + "\n" + "> " * 10_000,
    "brackets": "[](" * 5_000 + "a" * 5_000,
    "comments": "<!--" * 5_000,
    "headings": "# " + "#" * 10_000 + "x",
    "underscores": "__a _b " * 5_000,
    "numbers": "1" * 10_000 + ". x",
    "depth": "\n".join(" " * depth + "- a" for depth in range(200)),
    "strings": f"{ALL}\n\n> {ALL}\n\n|{ALL}|\n|-|\n|{ALL}|\n\n    {ALL}\n- {ALL}\n  {ALL}",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("cells", [8, 60])
def test_hostile_words_are_clean_and_bounded(name: str, cells: int) -> None:
    """Whatever a document holds, its lines are safe to show, and not many more than its size asks for."""
    source = HOSTILE[name]
    lines = prose(source, cells)
    assert all(clean_line(text) == text and style in STYLES for line in lines for text, style in line)
    assert len(lines) <= source.count("\n") + len(source)
    assert cells == 8 or all(width(line) <= cells + 1 for line in lines)


@given(st.text(alphabet="ab|-> _*`#1.[]()\n\t\x1b~", max_size=80), st.integers(4, 30))
def test_any_words_are_shown(source: str, cells: int) -> None:
    """No document's words make a mistake, and every line is clean."""
    for line in prose(source, cells):
        assert all(clean_line(text) == text and style in STYLES for text, style in line)


def test_a_line_under_a_paragraph_makes_it_a_heading() -> None:
    """As a sign before it does; under an item it stays what it is."""
    lines = prose("One\n===\n\nTwo\nthree\n---\nfour\n\n- [ ] five\n\n---", 60)
    assert [text.strip() for text in styled(lines, "title")] == ["One", "Two", "three"]
    assert shown(lines)[-3:] == ["☐ five", "", "---"]


def test_escapes_keep_a_sign_what_it_is() -> None:
    """A backslash takes a sign's meaning away and is not shown, but in code."""
    lines = prose(r"\*a\* **b\_c** *d\*e* `\*` 1\. \x", 60)
    assert shown(lines) == [r"*a* b_c d*e \* 1. \x"]
    assert (styled(lines, "title"), styled(lines, "em"), styled(lines, "code")) == (["b_c"], ["d*e"], [r"\*"])


def test_a_command_tells_its_parts_apart() -> None:
    """Variables, strings and trailing comments have styles; single quotes keep a variable from being one."""
    lines = script("cd \"$DIR/x\" && echo 'a $b' ${name} a#b \\$c # why\n# all", 80)
    assert styled(lines, "hand") == ["$DIR", "${name}"]
    assert styled(lines, "run") == ['"', '/x"', "'a $b'"]
    assert styled(lines, "comment") == ["# why", "# all"]


def test_what_is_fed_to_a_command_is_a_string() -> None:
    """An apostrophe in it opens nothing, and a quoted end keeps variables from being put in."""
    lines = script("cat <<EOF\nit's $x # y\nEOF\ncat <<'END'\n$z\nEND\necho 'it'", 80)
    assert styled(lines, "run") == ["it's ", " # y", "'END'", "$z", "'it'"]
    assert (styled(lines, "hand"), styled(lines, "comment")) == (["$x"], [])


Told = list[tuple[str, str]]
"""Pieces of a command with the styles that they should have."""


def together(*parts: st.SearchStrategy[Told] | tuple[str, str]) -> st.SearchStrategy[Told]:
    """Return pieces one behind the other."""
    found = [st.just([part]) if isinstance(part, tuple) else part for part in parts]
    return st.tuples(*found).map(lambda drawn: [piece for one in drawn for piece in one])


def piece(style: str, *texts: str) -> st.SearchStrategy[Told]:
    """Return one of some texts in a style."""
    return st.sampled_from(texts).map(lambda text: [(text, style)])


def one_of_or_two(parts: st.SearchStrategy[Told]) -> st.SearchStrategy[Told]:
    """Return a part or two."""
    return parts | together(parts, parts)


def wider(words: st.SearchStrategy[Told]) -> st.SearchStrategy[Told]:
    """Return words that hold words: in quotes, defaults, substitutions and here-documents."""
    command = together(("x ", "code"), words, (" ", "code"), words)
    held = together(("$(", "code"), command, (")", "code"))
    plain = piece("run", "a b", "'", '\\"', "# c", " (") | piece("hand", "${a}", "$1", "${#a}")
    quoted = together(('"', "run"), one_of_or_two(plain | held), ('"', "run"))
    default = together(("${a:-", "hand"), one_of_or_two(quoted), ("}", "hand"))
    fed = together(("$(cat <<E\n", "code"), one_of_or_two(plain), ("\n", "run"), ("E\n)", "code"))
    return one_of_or_two(held | quoted | default | fed | words)


TOLD = st.recursive(
    piece("code", "a", "b-c", "\\ ", "\\'", "a#b", "$((a + 1))")
    | piece("run", "'a b'", '"a b"', "$'it\\'s'", "'\"'", "'$a'")
    | piece("hand", "${a}", "${a%.*}", "$?", "${a[0]}")
    | together(("`x ", "code"), ('"a b"', "run"), ("`", "code")),
    wider,
    max_leaves=6,
)


@settings(max_examples=100)
@given(TOLD)
@example([('"', "run"), ("$(x ", "code"), ('"y"', "run"), (")", "code"), ('"', "run")])
@example([('"', "run"), ("`x ", "code"), ("'y'", "run"), ("`", "code"), ('"', "run")])
@example([("${x:-", "hand"), ('"a b"', "run"), ("}", "hand")])
@example([("${x%", "hand"), ("'}'", "run"), ("}", "hand")])
@example([('"', "run"), ("${x:-'a'}", "hand"), ('"', "run")])
@example([('"', "run"), ("$((x y); x)", "code"), ('"', "run")])
def test_each_part_of_a_command_has_its_style(told: Told) -> None:
    """However parts stand inside of each other, each looks like what it is to bash, which reads all of it."""
    text = "echo " + "".join(part for part, _ in told)
    wanted = [("code", 5)] + [(style, len(part.replace("\n", ""))) for part, style in told]
    read = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, b"")
    styles = [style for line in marked(text) for part, style in line for _ in part]
    assert styles == [style for style, letters in wanted for _ in range(letters)]


PIECES = st.sampled_from(
    [
        "$a",
        "${b}",
        "${",
        "'",
        '"',
        "\\",
        "#",
        " # c",
        "\n",
        "<<E",
        "E",
        "\nE\n",
        "<<'E'",
        "日本",
        "\t",
        *STRINGS,
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.integers(6, 40))
def test_styles_change_nothing_of_a_command(text: str, cells: int) -> None:
    """What stands behind the bars is the command, character by character, and every line fits."""
    whole = [clean_line(line.expandtabs(4)) for line in text.rstrip("\n").split("\n")]
    assert ["".join(part for part, _ in line) for line in marked("\n".join(whole))] == whole
    lines = script(text, cells)
    assert all(line[0][0] in ("▎ ", "▎↳") and line[0][1] == "bar" for line in lines)
    behind = "".join("\n" * (line[0][0] == "▎ ") + "".join(part for part, _ in line[1:]) for line in lines)
    assert behind == "\n" + "\n".join(whole)
    assert all(style in STYLES for line in lines for _, style in line)
    assert all(sum(cell_len(part) for part, _ in line) <= cells for line in lines)


@pytest.mark.parametrize(
    "text", ["'" * 9_999, '"' + '\\"' * 9_999, "${a" * 9_999, "<<A\n" * 5_000, " #" * 9_999]
)
def test_a_hostile_command_is_shown_whole(text: str) -> None:
    """What is opened and never closed stays what it is."""
    lines = script(text, 60)
    assert "".join(part for line in lines for part, _ in line[1:]) == text.replace("\n", "")
