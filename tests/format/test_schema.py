"""The JSON Schema and the reader agree on what a runbook in YAML is."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from gonogo.cli.schema import command
from gonogo.format.front import FRONT_KEYS, INPUT_KEYS
from gonogo.format.keys import KEYS
from gonogo.format.load import load, loads
from gonogo.format.model import Severity
from gonogo.format.schema import schema
from gonogo.format.spell_yaml import to_yaml

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "runbook.schema.json"
SCALARS = """
    "" x 0 1 -1 "01" 1.5 "0.0" "1e3" true false yes no True NO null ~ on "1" "true" "x y" "$x" -x " -x" a,b "a, b" a-b
    30s 5m " 5m " 1.5h 5 5x 100ms 1234567890s ٣s ٣ ٣=ok ٣% ٢٢:30 1234567890 1:30 22:30 9:05 24:00 "2026-11-21" 2026-11-21T22:30+01:00
    go ask auto typed approve stop continue rollback sorted shuffle start reached text int host havana
    10% 100% 101% 0% 0.5% 1,10,20% "1, 10%" 0=ok 0=OK "1=again 2=stop" 256=ok "0=ok," =ok
    A=b "A=b,C=d" A=b=c "A=" 1A=b "A=b;C" root root@example.com "ro ot" é "[0-9]+" "a\\nb" 999999999 1000000000
"""
WORDS = re.findall(r'"[^"]*"|\S+', SCALARS)
SHAPES = [
    "[]",
    "[a]",
    "[a, 1]",
    "[1, 10%]",
    "[[a]]",
    "{}",
    "{a: b}",
    "{1: ok}",
    "{A: b}",
    "{A: 1}",
    "{300: ok}",
]
SHAPES += [
    "{1: maybe}",
    "{a b: c}",
    "[{name: a}]",
    "{run: ls}",
    "{run: ls, every: 5s}",
    "{run: ls, hosts: a}",
]
SHAPES += [
    "{run: ls, timeout: 5}",
    "{every: 5s}",
    "{run: ls, language: bash}",
    "{A: [b]}",
    '{A: "b,c"}',
    "[{run: ls}]",
]
OWN = ["title", "id", "name", "prose", "run", "language", "check", "rollback", "confirm", "steps", "nonsense"]


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors read: `no`, `22:30` and dates are texts."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
Core.add_constructor(
    "tag:yaml.org,2002:map",
    lambda loader, node: {key.value: loader.construct_object(value, deep=True) for key, value in node.value},
)


@cache
def validator() -> jsonschema.Draft202012Validator:
    """Return the validator that also looks at formats."""
    return jsonschema.Draft202012Validator(
        schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def is_valid(text: str) -> bool:
    """Tell what the schema says."""
    return validator().is_valid(yaml.load(text, Core))


def is_read(text: str) -> bool:
    """Tell whether the reader finds no error in the document as such."""
    found = loads(text.encode(), "x.yaml", checked=False).problems
    return not any(one.severity is Severity.ERROR for one in found)


def test_the_committed_schema_is_fresh() -> None:
    """`gonogo schema` prints what stands in docs, and it is a schema."""
    done = CliRunner().invoke(command)
    assert done.stdout == COMMITTED.read_text()
    jsonschema.Draft202012Validator.check_schema(json.loads(done.stdout))


def disagree(key: str, text: str, value: str) -> bool:
    """Tell whether only one of them takes a document with a value in the place of `VALUE`.

    The schema may want quotes where the reader takes any word as a text, and it cannot judge a condition.
    """
    valid, read = is_valid(text.replace("VALUE", value)), is_read(text.replace("VALUE", value))
    if read and not valid and value[0] not in '"[{':
        valid = is_valid(text.replace("VALUE", f'"{value}"'))
    return valid != read and not (valid and key == "when")


@pytest.mark.parametrize("key", [*KEYS, *OWN])
def test_both_agree_on_every_value_of_a_step(key: str) -> None:
    """A value that the schema refuses is an error to the reader, and the other way round."""
    rest = "" if key in ("run", "confirm", "steps") else "\n  run: ls"
    text = f"gonogo: 1\nsteps:\n- {key}: VALUE{rest}\n"
    assert [value for value in [*WORDS, *SHAPES] if disagree(key, text, value)] == []


@pytest.mark.parametrize("key", [*FRONT_KEYS, "nonsense"])
def test_both_agree_on_every_value_of_the_head(key: str) -> None:
    """The head's keys are the same to both."""
    text = f"{'' if key == 'gonogo' else 'gonogo: 1'}\n{key}: VALUE\nsteps: [{{run: ls}}]\n"
    assert [value for value in [*WORDS, *SHAPES] if disagree(key, text, value)] == []


@pytest.mark.parametrize("key", [*INPUT_KEYS, "nonsense"])
def test_both_agree_on_every_value_of_an_input(key: str) -> None:
    """An input's keys are the same to both."""
    text = (
        f"gonogo: 1\ninputs:\n- {key}: VALUE\n{'' if key == 'name' else '  name: a'}\nsteps: [{{run: ls}}]\n"
    )
    assert [value for value in [*WORDS, *SHAPES] if disagree(key, text, value)] == []


@pytest.mark.parametrize(
    "steps",
    [
        "[]",
        "[{}]",
        "[ls]",
        "{run: ls}",
        "[{title: a}]",
        "[{run: a, confirm: b}]",
        "[{wait: 5m}]",
        "[{at: '22:30', title: a}]",
        "[{wait: 5m, run: ls}]",
        "[{wait: 5m, check: ls}]",
        "[{confirm: a, check: b}]",
        "[{confirm: a, language: sh}]",
        "[{steps: [{run: a}], rollback: b}]",
        "[{steps: [{run: a}], prose: b, hosts: c, batch: [1, 10%]}]",
        "[{steps: [{run: a, steps: []}]}]",
        "[{run: a, check: {run: b, title: c}}]",
        "[{run: a, rollback: {run: b, every: 5s}}]",
        "[{run: a, check: {run: b, language: bash, every: 5s, timeout: 1m}}]",
    ],
)
def test_both_agree_on_what_stands_together(steps: str) -> None:
    """A step is of one kind and has no key that would do nothing."""
    text = f"gonogo: 1\nsteps: {steps}\n"
    assert is_valid(text) == is_read(text)


@pytest.mark.parametrize("path", sorted((ROOT / "runbooks").rglob("*.md")), ids=lambda path: path.name)
def test_shipped_runbooks_are_valid_in_yaml(path: Path) -> None:
    """What `gonogo show --to yaml` prints of a shipped runbook follows the schema."""
    text = to_yaml(load(path).runbook).text
    assert list(validator().iter_errors(yaml.load(text, Core))) == []
