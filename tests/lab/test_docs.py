"""What docs/lab.md says of the scenario is so, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

from gonogo.executors.lab.scenario import Kind, load
from gonogo.hosts import load_inventory

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "lab.md").read_text()
KEYS = "kernel packages updates repositories services files match seconds exit stderr lines times nth"


def test_the_example_is_a_scenario(tmp_path: Path) -> None:
    """A reader who copies it can start from it."""
    example = re.search(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert example is not None
    (tmp_path / "lab.yaml").write_text(example[1])
    (tmp_path / "i.yaml").write_text(
        "all: {children: {compute: {hosts: {'cp[01:12]': }}, control: {hosts: {ctl1: }}}}\n"
    )
    found = load(tmp_path / "lab.yaml", load_inventory([tmp_path / "i.yaml"]))
    assert found.seeds["cp01"].packages == {"nova-compute": "29.2.0"}
    assert found.seeds["ctl1"].answers.keys() == {"openstack"}
    assert found.faults[0].hosts == {"cp05", "cp12"}


def test_every_key_and_kind_is_documented() -> None:
    """In a table of the page."""
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    missing = [word for word in (*KEYS.split(), *Kind) if f"`{word}`" not in rows]
    assert missing == []


def test_every_shipped_scenario_is_named() -> None:
    """With what it shows."""
    for path in (ROOT / "runbooks").rglob("lab.yaml"):
        assert f"| `{path.relative_to(ROOT)}` |" in PAGE


def test_every_simulated_program_is_named() -> None:
    """A reader can tell what is real and what is not."""
    shims = {path.name for path in (ROOT / "executors" / "lab" / "shims").iterdir()}
    assert {name for name in shims if f"`{name}" not in PAGE} == set()
