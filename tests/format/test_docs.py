"""What docs/format.md says is so: its examples load, and no key is missing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from gonogo.format.front import FRONT_KEYS, INPUT_KEYS
from gonogo.format.keys import KEYS, ROLES
from gonogo.format.load import load, loads
from gonogo.format.meanings import FRONT, INPUT, MONITOR, OWN, STEP
from gonogo.format.model import Runbook
from gonogo.format.spell import differences
from gonogo.format.watching import MONITOR_KEYS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "format.md").read_text()
SCHEMA = json.loads((DOCS / "runbook.schema.json").read_text())
FENCE = re.compile(r"^(`{3,})(markdown|yaml|rst)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
EXAMPLES = [(match[2], match[3]) for match in FENCE.finditer(PAGE)]
WHOLE = [(language, text) for language, text in EXAMPLES if "include: " not in text]
ENDING = {"markdown": "md", "yaml": "yaml", "rst": "rst"}


def read(language: str, text: str) -> Runbook:
    """Load an example; nothing in it is found fault with."""
    loaded = loads(text.encode(), f"example.{ENDING[language]}")
    assert [str(one) for one in loaded.problems] == []
    return loaded.runbook


@pytest.mark.parametrize(("language", "text"), WHOLE)
def test_every_example_loads(language: str, text: str) -> None:
    """An example is a whole runbook without errors or warnings, and has steps."""
    assert list(read(language, text).steps())


@pytest.mark.parametrize("text", [text for language, text in WHOLE if language == "yaml"])
def test_every_yaml_example_follows_the_schema(text: str) -> None:
    """An editor that checks with the schema has nothing against the examples."""
    words = yaml.load(text, yaml.BaseLoader)
    words["gonogo"] = 1
    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(words)) == []


def test_the_example_of_an_include_loads(tmp_path: Path) -> None:
    """It stands below `steps:`, and what it names is read."""
    (entries,) = (text for _, text in EXAMPLES if "include: " in text)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "announce.md").write_text("# Announce\n\n- [ ] Users know\n")
    (tmp_path / "shared" / "announce.yaml").write_text("gonogo: 1\nsteps: [{confirm: They know}]\n")
    (tmp_path / "a.yaml").write_text(f"gonogo: 1\nsteps:\n{entries}")
    found = load(tmp_path / "a.yaml")
    assert [str(one) for one in found.problems] == []
    assert [step.id for _, step in found.runbook.steps()] == [
        "announce/users-know",
        "tell-the-network-team/they-know",
    ]


def test_the_first_two_examples_are_the_same_runbook() -> None:
    """The page opens with one runbook in both spellings."""
    one, other = (read(*example) for example in EXAMPLES[:2])
    assert dict(differences(one, other)) == {}


@pytest.mark.parametrize("key", [*KEYS, *sorted(ROLES), *FRONT_KEYS, *INPUT_KEYS, *MONITOR_KEYS, *OWN])
def test_every_key_is_explained(key: str) -> None:
    """Each key stands in the first column of a table, or in the sentence on a block's own words."""
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("|")]
    words = PAGE.partition("### A code block's own words")[2]
    assert any(f"`{key}`" in row for row in rows) or re.search(rf"`{{?{key}}}?`", words)


@pytest.mark.parametrize("key", [*KEYS, *sorted(ROLES), *FRONT_KEYS, *INPUT_KEYS, *MONITOR_KEYS, *OWN])
def test_every_key_is_in_an_example(key: str) -> None:
    """Each key is used in at least one example."""
    assert any(re.search(rf"(?<![\w-]){key}(?![\w-])", text) for _, text in EXAMPLES)


def test_every_key_has_a_meaning_for_editors() -> None:
    """The lines that the schema shows are those of the reader's keys, no more and no fewer."""
    assert set(STEP) == set(KEYS)
    assert set(FRONT) == set(FRONT_KEYS)
    assert set(INPUT) == set(INPUT_KEYS)
    assert set(MONITOR_KEYS) <= {*MONITOR, *STEP, *OWN}
    assert set(MONITOR) <= set(MONITOR_KEYS)
