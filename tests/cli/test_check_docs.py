"""What docs/check.md says is so: each mistake is found in its example, and gone when it is mended."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.cli.checks.findings import check_file
from gonogo.cli.checks.hosts import Inventories
from gonogo.cli.codes import MEANINGS
from gonogo.format.model import Problem

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "check.md").read_text()
EXAMPLE = re.compile(
    r"^#### `([a-z-]+)`\n\n(Error|Warning)\. [^\n]+\n\n(`{3,})diff\n(.*?)^\3$", re.MULTILINE | re.DOTALL
)
EXAMPLES = {match[1]: (match[2].lower(), match[4]) for match in EXAMPLE.finditer(PAGE)}
IN_A_TABLE = set(re.findall(r"^\| `([a-z-]+)` \| (?:error|warning): ", PAGE, re.MULTILINE))
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
ARGUMENT = {
    "error": 1, "warn": 1, "report": 1, "_report": 1, "at_key": 3, "in_block": 4, "Problem": 2, "BadYaml": 0, "_Refused": 1,
}  # fmt: skip
"""Which argument of a call is the code of a mistake."""


def told(folder: Path, body: str, marks: str) -> tuple[Problem, ...]:
    """Check the lines of an example that have one of the marks."""
    text = "".join(f"{line[1:]}\n" for line in body.splitlines() if line[:1] in marks or not line)
    file = folder / ("example.md" if text.startswith(("---", "{")) else "example.yaml")
    file.write_text(text)
    (folder / "hosts.ini").write_text("[web]\nweb1\nweb2\n\n[db]\ndb1\n")
    (folder / "allowed_signers").write_text(f"alice@example.org,bob@example.org {KEY}\n")
    (folder / "announce.md").write_text("# Announce\n\n- [ ] The change is announced\n")
    (folder / "asking.md").write_text("---\ngonogo: 1\ninputs:\n  - name: who\n---\n\n- [ ] They said yes\n")
    return check_file(file, Inventories(())).problems


@pytest.mark.parametrize("code", EXAMPLES)
def test_each_mistake_is_found_and_its_mend_mends_it(
    code: str, tmp_path: Path, need: Callable[[str, str], str]
) -> None:
    """The wrong lines have this mistake and no other, with a mend; the mended ones have none."""
    if code == "shellcheck":
        need("shellcheck", "shellcheck")
    severity, body = EXAMPLES[code]
    wrong = told(tmp_path, body, " -")
    assert {(one.code, one.severity.value) for one in wrong} == {(code, severity)}
    assert all(one.mend and one.message for one in wrong)
    assert told(tmp_path, body, " +") == ()


def test_every_code_is_documented() -> None:
    """The page has every code once, with an example or in the table of limits."""
    assert set(MEANINGS) == set(EXAMPLES) | IN_A_TABLE
    assert not set(EXAMPLES) & IN_A_TABLE


def test_no_code_is_forgotten() -> None:
    """Every code that the source reports has a meaning, and none is only meant."""
    files = [*(ROOT / "gonogo" / "format").rglob("*.py"), *(ROOT / "gonogo" / "cli").rglob("*.py")]
    assert {code for file in [*files, ROOT / "gonogo" / "yamlguard.py"] for code in _codes(file)} == set(
        MEANINGS
    )


def _codes(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        number = ARGUMENT.get(called, 99)
        if number < len(node.args):
            code = node.args[number]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                found.add(code.value)
    return found


def test_the_first_runbook_that_a_newcomer_sees_has_no_mistake(tmp_path: Path) -> None:
    """The README's own example passes as it stands."""
    found = re.search(
        r"^````markdown\n(.*?)^````$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    assert told(tmp_path, re.sub("^", " ", found[1], flags=re.MULTILINE).rstrip(" "), " ") == ()
