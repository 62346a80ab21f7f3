"""Documents that were never written for us: each block of code is a step, or is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gonogo.format.load import Loaded, load, loads
from gonogo.format.model import Runbook, Severity

WILD = Path(__file__).parents[1] / "data" / "wild"
FILES = sorted(path for path in WILD.iterdir() if path.suffix in (".md", ".rst"))
OURS = "---\ngonogo: 1\n---\n"


def told(loaded: Loaded) -> str:
    """Return what a document became, in the words of the files beside the corpus."""
    found = [f"title: {loaded.runbook.title}"]
    for _, step in loaded.runbook.steps():
        found.append(f"{step.place.line} {step.kind} {step.id} | {step.title}")
        if step.script is not None:
            found += [f"    {line}".rstrip() for line in step.script.text.split("\n")]
    found += [f"{one.line} not run | {one.language} | {one.reason}" for one in loaded.runbook.not_run]
    found += [
        f"{one.place.line}:{one.place.column} {one.severity} {one.code}"
        for one in loaded.problems
        if one.code
        in ("bad-attributes", "bad-value", "unclosed-fence", "bad-rst", "not-included", "bad-head")
    ]
    return "\n".join(found) + "\n"


def lines_of(runbook: Runbook) -> set[int]:
    """Return the line of every block that is in the checklist or told as not run."""
    scripts = [
        script for _, step in runbook.steps() for script in (step.script, step.check, step.rollback) if script
    ]
    return {script.place.line for script in scripts if script.place} | {one.line for one in runbook.not_run}


def commonmark(text: str) -> set[int]:
    """Return the lines of the fences that a CommonMark parser finds."""
    tokens = MarkdownIt("commonmark").parse(text)
    return {token.map[0] + 1 for token in tokens if token.type == "fence" and token.map}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_corpus_becomes_what_is_written_beside_it(path: Path) -> None:
    """Every shape gives the steps, commands, lines and reasons of the text file of its name."""
    assert told(load(path)) == path.with_suffix(path.suffix + ".txt").read_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_change_nothing(path: Path, end: str) -> None:
    """Windows' and old Apple's line ends, and a byte order mark, give the same checklist."""
    data = b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", end.encode())
    assert told(loads(data, str(path))) == told(load(path))


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".md"], ids=lambda path: path.name)
def test_no_fence_of_the_corpus_vanishes(path: Path) -> None:
    """Every fence that CommonMark knows is a step or told, whether the document is ours or not."""
    text = path.read_text()
    assert commonmark(text) <= lines_of(loads(text.encode(), "a.md").runbook)
    ours = OURS + text
    assert {line + 3 for line in commonmark(text)} <= lines_of(loads(ours.encode(), "a.md").runbook)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nobodys_document_runs_by_itself(path: Path) -> None:
    """In a document that is not ours each block waits for its own go."""
    runbook = load(path).runbook
    for _, step in runbook.steps():
        assert runbook.ours or step.script is None or step.options.gate == "go"


PIECES = [
    *("```", "~~~", "````", "``` sh", "```sh {a=b}", "~~~ x `", "sh", "\n", "\n\n", "\n\n\n", "    ", "  "),
    *("\t", "- ", "1. ", "10) ", "* ", "- [ ] ", "> ", ">", "# ", "---", "===", "+++", "{", "}", "x"),
    *("<!--", "-->", "<div>", "</div>", "<details>", "<pre>", "</pre>", "<!-- gonogo:", "<?", "<![CDATA["),
    *("!!! note", "??? tip", '=== "Tab"', ":::", "$ x", "[a]: b", "|", "\\", "`", "gonogo: 1"),
]


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_fence_of_any_text_vanishes(text: str) -> None:
    """Whatever is written: each fence that CommonMark finds is a step or told with its line."""
    if text.strip():
        assert commonmark(text) <= lines_of(loads(text.encode(), "a.md").runbook)


def _indented(lines: list[str], first: str, rest: str) -> list[str]:
    return [(rest if number else first) + line if line else "" for number, line in enumerate(lines)]


def _joined(blocks: list[list[str]]) -> list[str]:
    return [line for block in blocks for line in [*block, ""]][:-1]


FENCES = st.tuples(st.sampled_from(["```", "````", "~~~"]), st.sampled_from(["sh", "json", " bash", ""])).map(
    lambda drawn: [drawn[0] + drawn[1], "MARK", drawn[0]]
)
LEAVES = FENCES | st.just(["Text"]) | FENCES.map(lambda fence: ["Text:", *fence])
HIDDEN = FENCES.map(lambda fence: ["<!--", *fence, "-->"]) | FENCES.map(
    lambda fence: ["<details>", *fence, "</details>"]
)


def _containers(children: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    body = st.lists(children, min_size=1, max_size=3).map(_joined)
    heads = st.sampled_from(["!!! note", '!!! tip "T"', "??? x", '???+ y "Z"', '=== "Tab"'])
    return (
        body.map(lambda lines: ["- Item", "", *_indented(lines, "  ", "  ")])
        | body.map(lambda lines: ["1. [ ] Item", "", *_indented(lines, "   ", "   ")])
        | body.map(lambda lines: _indented(lines, "- ", "  "))
        | body.map(lambda lines: [f"> {line}".rstrip() for line in lines])
        | st.tuples(heads, st.booleans(), body).map(
            lambda drawn: [drawn[0], *([""] if drawn[1] else []), *_indented(drawn[2], "    ", "    ")]
        )
        | body.map(lambda lines: ["<details>", "", *lines, "", "</details>"])
        | body.map(lambda lines: [":::note", "", *lines, "", ":::"])
        | body.map(lambda lines: ["## Heading", "", *lines])
    )


@settings(max_examples=300)
@given(st.recursive(LEAVES | HIDDEN, _containers, max_leaves=8), st.sampled_from(["", OURS]))
def test_no_fence_vanishes_in_containers(lines: list[str], head: str) -> None:
    """Fences in lists, quotations, admonitions, tabs and HTML, in any nesting, are steps or told."""
    text = head + "\n".join(lines)
    expected = {number for number, line in enumerate(text.split("\n")) if line.endswith("MARK")}
    assert expected <= lines_of(loads(text.encode(), "a.md").runbook)


def test_ten_thousand_steps_in_lists_keep_their_ids_apart() -> None:
    """A large document loads whole; equal titles get numbers."""
    text = "".join(f"{number}. Restart\n\n   ```sh\n   restart\n   ```\n" for number in range(1, 10_001))
    runbook = loads((OURS + text).encode(), "a.md").runbook
    ids = [step.id for _, step in runbook.steps()]
    assert len(set(ids)) == 10_000
    assert ids[1] == "restart-2"


@pytest.mark.parametrize("depth", [10, 29, 30, 59, 60, 61, 200])
@pytest.mark.parametrize("mark", ["> ", "- "])
def test_no_fence_vanishes_at_any_depth(mark: str, depth: int) -> None:
    """A fence that is nested deeper than is read is told, with an error."""
    lines = [
        mark * depth + "```sh",
        *(("> " if mark == "> " else "  ") * depth + line for line in ("x", "```")),
    ]
    loaded = loads("\n".join(lines).encode(), "a.md")
    assert lines_of(loaded.runbook) == {1}
    assert ("too-deep" in [one.code for one in loaded.problems]) == (not list(loaded.runbook.steps()))


def test_mistakes_of_others_are_no_errors() -> None:
    """In a document that is not ours attributes are kept or warned of; only where it runs must be right."""
    loaded = load(WILD / "runme.md")
    errors = [one for one in loaded.problems if one.severity is Severity.ERROR]
    assert [one.message.partition(":")[0] for one in errors] == ["hosts"]


CODE = st.sampled_from(
    [
        [".. code-block:: console", "", "   $ MARK"],
        [".. sourcecode:: bash", "   :linenos:", "", "   MARK"],
        [".. code:: ini", "", "   MARK = 1"],
        ["::", "", "   MARK"],
        ["Text::", "", "   $ MARK"],
        [".. code-block::", "", "   MARK"],
    ]
)


def _rst_containers(children: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    body = st.lists(children, min_size=1, max_size=3).map(_joined)
    heads = st.sampled_from(
        [
            ".. note::",
            ".. tab:: A",
            ".. nobody-knows:: this",
            ".. only:: html",
            "Term",
            ":field: x",
            ".. tabs::",
        ]
    )
    return (
        body.map(lambda lines: ["- Item", "", *_indented(lines, "  ", "  ")])
        | body.map(lambda lines: ["#. :role:`Item`", "", *_indented(lines, "   ", "   ")])
        | body.map(lambda lines: ["Text", "", *_indented(lines, "    ", "    ")])
        | st.tuples(heads, body).map(
            lambda drawn: [drawn[0], *([""] if drawn[0] != "Term" else ["   What", ""]), *_indented(drawn[1], "   ", "   ")]
        )
    )  # fmt: skip


@settings(max_examples=100)
@given(st.recursive(CODE, _rst_containers, max_leaves=6), st.booleans())
def test_no_block_of_rst_vanishes(lines: list[str], under_a_heading: bool) -> None:
    """Blocks in lists, notes, tabs, definitions, fields and unknown directives are steps or told."""
    head = ["A", "=", "", "B", "-", "", "Text.", ""] if under_a_heading else []
    text = "\n".join([*head, *lines, ""])
    runbook = loads(text.encode(), "a.rst").runbook
    scripts = [step.script.text for _, step in runbook.steps() if step.script]
    assert len(scripts) + len(runbook.not_run) == text.count("MARK")
    assert all("MARK" in script for script in scripts)
