"""What docs/openstack.md says is so, and nothing heavy is loaded before a cloud is asked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.cli.checks.findings import check_file
from gonogo.cli.checks.hosts import Inventories
from gonogo.executors.openstack.commands import WORDS
from gonogo.executors.openstack.kinds import KINDS

from .asking import Asking

PAGE = (Path(__file__).parents[2] / "docs" / "openstack.md").read_text()
ROWS = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))


@pytest.mark.parametrize("name", [name for name in WORDS if not name.startswith("snapshot ")])
def test_every_command_is_documented(name: str) -> None:
    """It stands in the table."""
    assert re.search(rf"`{name}[ `]", ROWS)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_a_snapshot_is_documented(name: str) -> None:
    """It stands in the table's row on snapshots."""
    assert f"`{name}`" in next(line for line in ROWS.splitlines() if "snapshot KIND" in line)


def test_the_example_has_no_mistakes(tmp_path: Path) -> None:
    """A reader who copies it can run it."""
    example = re.search(r"^````markdown\n(.*?)^````$", PAGE, re.MULTILINE | re.DOTALL)
    assert example is not None
    (tmp_path / "a.md").write_text(example[1])
    (tmp_path / "computes.yaml").write_text("all: {children: {compute: {hosts: {'cp[01:10]': }}}}\n")
    assert check_file(tmp_path / "a.md", Inventories(())).problems == ()


def test_the_sdk_is_loaded_only_when_a_cloud_is_asked() -> None:
    """Neither a check nor making the executor pays for it."""
    words = "import sys; from gonogo.executors import create; create('openstack')"
    found = "print(sorted({'openstack', 'keystoneauth1', 'requests'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{words}; {found}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_a_missing_sdk_is_told_in_a_line(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what brings it."""
    monkeypatch.setitem(sys.modules, "openstack", None)
    heard = await ask("services up")
    assert heard.code == 2
    assert heard.err.startswith("openstacksdk is missing: ")
    assert "pip install openstacksdk" in heard.err
