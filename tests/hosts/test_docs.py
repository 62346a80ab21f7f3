"""What docs/hosts.md says is so: its inventories, its command and its patterns."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.errors import InventoryError
from gonogo.executors.route import route
from gonogo.hosts import load_inventory, resolve
from gonogo.hosts.load import _IGNORED_ENDS
from gonogo.hosts.model import Inventory

PAGE = (Path(__file__).parents[2] / "docs" / "hosts.md").read_text()
INI, YAML, CONSOLE = (
    match[1]
    for language in ("ini", "yaml", "console")
    for match in re.finditer(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
)
ROWS = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `")]
PATTERNS = [
    pattern
    for row in ROWS
    if not row[1].startswith(" `ansible_")
    for pattern in re.findall(r"`([^`]+)`", row[1])
]


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    """The page's INI inventory, with the hosts of its node sets beside it."""
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory/hosts").write_text(INI)
    (tmp_path / "more").write_text("cell[01:40]-n[1:3]\nn[1:9]\n")
    return load_inventory([tmp_path / "inventory", tmp_path / "more"])


def test_both_inventories_are_the_same(tmp_path: Path) -> None:
    """The INI and the YAML example give the same hosts, groups and variables."""
    (tmp_path / "i.ini").write_text(INI)
    (tmp_path / "i.yaml").write_text(YAML)
    one, other = load_inventory([tmp_path / "i.ini"]), load_inventory([tmp_path / "i.yaml"])
    assert (one.hosts, one.groups) == (other.hosts, other.groups)


def test_the_command_prints_what_the_page_shows(inventory: Inventory, tmp_path: Path) -> None:
    """The first example, word for word."""
    first, _, printed = CONSOLE.partition("\n")
    command = [str(Path(sys.executable).parent / "gonogo"), *shlex.split(first.removeprefix("$ gonogo "))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == printed


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_of_the_table_names_hosts(inventory: Inventory, pattern: str) -> None:
    """Each pattern in the table can be used on the page's inventory."""
    assert resolve(pattern, inventory)


def test_patterns_mean_what_the_table_says(inventory: Inventory) -> None:
    """Counts for the rows that name them in words."""
    counts = {
        "compute": 80, "api:compute": 82, "compute:&cell01": 40, "compute:!cp007.example.com": 79, "cp00*": 9,
        "compute[0:9]": 10, "compute[10:]": 70, "cp[001-040].example.com": 40, "n[1,3,5-9/2]": 5, "*": 211,
    }  # fmt: skip
    assert {pattern: len(resolve(pattern, inventory)) for pattern in counts} == counts
    assert set(counts) <= set(PATTERNS)


@pytest.mark.parametrize("pattern", ["cp[01:40]*", "cp[01-40]*", "nothing*", "api:!nothing", "api:&cell01"])
def test_what_the_page_calls_an_error_is_one(inventory: Inventory, pattern: str) -> None:
    """Lookalikes of ranges, names that match nothing and empty results are refused."""
    with pytest.raises(InventoryError):
        resolve(pattern, inventory)


def test_the_page_names_all_endings_that_are_passed_over() -> None:
    """The list of ignored endings is the program's."""
    listed = re.search(r"names that end in `([^`]+)`", PAGE)
    assert listed
    assert sorted(listed[1].split()) == sorted(_IGNORED_ENDS)


def test_options_of_ssh_are_those_of_the_page() -> None:
    """Each option that the table names is taken; others are refused."""
    row = next(row[2] for row in ROWS if "ansible_ssh_common_args" in row[1])
    flags, _, options = row.partition(" with ")
    for name in re.findall(r"`(\w+)`", options):
        assert route("a", {"ansible_ssh_common_args": f"-o {name}=7"}, None, ()) != route("a", {}, None, ())
    for flag in re.findall(r"`(-[a-z]|-J)`", flags):
        if flag != "-o":
            assert route("a", {"ansible_ssh_extra_args": f"{flag} 7"}, None, ()) != route("a", {}, None, ())
