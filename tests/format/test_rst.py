"""reStructuredText by docutils: what the corpus does not show."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gonogo.errors import RunbookError
from gonogo.format.load import Loaded, load, loads
from gonogo.format.model import Kind


def read(text: str) -> Loaded:
    """Load an RST document."""
    return loads(text.encode(), "guide.rst")


def scripts(text: str) -> list[str]:
    """Return the commands of its steps."""
    return [step.script.text for _, step in read(text).runbook.steps() if step.script]


def test_without_docutils_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named; nothing else is needed for Markdown and YAML."""
    monkeypatch.setitem(sys.modules, "docutils", None)
    monkeypatch.delitem(sys.modules, "gonogo.format.rstparse", raising=False)
    with pytest.raises(RunbookError, match="docutils is missing") as caught:
        read("::\n\n  $ ls\n")
    assert caught.value.mend == "`pip install docutils` where gonogo is installed brings it."


def test_no_file_is_read(tmp_path: Path) -> None:
    """`include`, `literalinclude`, `raw` and `csv-table` with a file take nothing from it; an include is told."""
    (tmp_path / "secret.rst").write_text("::\n\n  $ secret\n")
    (tmp_path / "a.rst").write_text(
        "".join(f".. {name}\n\n" for name in ("include:: secret.rst", "literalinclude:: secret.rst"))
        + "".join(f".. {name}:: x\n   :file: secret.rst\n\n" for name in ("raw", "csv-table", "code-block"))
        + "::\n\n  $ ls\n"
    )
    loaded = load(tmp_path / "a.rst")
    assert "secret" not in str([step for _, step in loaded.runbook.steps()])
    assert [one.code for one in loaded.problems].count("not-included") == 2
    assert len(loaded.runbook.sources) == 1


def test_code_keeps_its_tabs_and_its_indentation() -> None:
    """Commands are as the file has them, though docutils makes spaces of tabs."""
    assert scripts(".. code-block:: bash\n\n   cat <<-EOF\n   \ttext\n   EOF\n\n     echo x\n") == [
        "cat <<-EOF\n\ttext\nEOF\n\n  echo x"
    ]


def test_a_block_without_a_language_runs_when_it_begins_with_a_prompt() -> None:
    """`$ ` is one anywhere; `# ` is not where the block looks like a configuration."""
    assert scripts(
        "::\n\n  $ a\n  b\n\n::\n\n  # c\n\n::\n\n  # x\n  [DEFAULT]\n\n::\n\n  # x\n  a = b\n\n::\n\n  d\n"
    ) == [
        "a",
        "c",
    ]


def test_highlight_gives_blocks_their_language() -> None:
    """Sphinx's `highlight` holds from there on."""
    assert scripts("::\n\n  a\n\n.. highlight:: bash\n\n::\n\n  b\n\n.. highlight:: none\n\n::\n\n  c\n") == [
        "b"
    ]


def test_sections_and_lists_are_the_outline() -> None:
    """The first heading is the title; the others, list items and terms name steps, without RST's marks."""
    loaded = read(
        "Guide\n=====\n\nOne\n---\n\n#. Install :doc:`the *thing* <x>`:\n\n   ::\n\n     $ a\n\n"
        "#. [ ] Is ``b`` up?\n\nTwo\n---\n\nDeep\n~~~~\n\n.. code:: sh\n\n   c\n"
    )
    assert loaded.runbook.title == "Guide"
    assert [(step.id, step.title, step.kind) for _, step in loaded.runbook.steps()] == [
        ("one/install-the-thing", "Install the *thing*", Kind.RUN),
        ("one/is-b-up", "Is b up?", Kind.CONFIRM),
        ("two/deep", "Deep", Kind.RUN),
    ]
    assert not loaded.runbook.ours


def test_sections_and_notes_without_steps_are_text() -> None:
    """Words under a heading or in a warning stand beside the step that follows, or the last one."""
    text = "T\n=\n\nWhy\n---\n\nOld.\n\n.. warning:: Users see it.\n\nDo\n--\n\n::\n\n   $ ls\n\nEnd\n---\n\nHome.\n"
    (step,) = [step for _, step in loads(text.encode(), "a.rst").runbook.steps()]
    assert step.prose.split("\n\n") == ["**Why**", "Old.", "**Warning**", "Users see it.", "**End**", "Home."]


def test_lines_and_documents_have_a_limit() -> None:
    """What would take docutils long is refused."""
    for text in ("x" * 20_000, "xxxxxxx\n" * 140_000):
        (problem,) = read(text).problems
        assert problem.code == "too-large"


def test_what_docutils_cannot_read_is_told() -> None:
    """A malformed table is a warning and a block that does not run, at its line; the rest is read."""
    loaded = read("Text.\n\n+---+\n| x\n\n::\n\n  $ ls\n")
    assert [(one.place.line, one.code) for one in loaded.problems] == [(3, "bad-rst")]
    assert [one.line for one in loaded.runbook.not_run] == [3]
    assert len(list(loaded.runbook.steps())) == 1
