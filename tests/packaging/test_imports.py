"""Start-up stays light: what a command does not use, it does not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"textual", "rich", "asyncssh", "cryptography", "openstack", "uvloop"}
RUNBOOK = """\
---
gonogo: 1
title: A short one
---

# A short one

## Look

```sh {read-only}
uname -r
```
"""

# Run the real entry point, then tell on stderr which top packages were loaded.
WATCH = """
import sys
from gonogo.cli import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
finally:
    print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


def loaded_by(*arguments: str, cwd: Path) -> set[str]:
    """Run gonogo in a process of its own and give the top packages that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return set(done.stderr.rpartition("loaded:")[2].split())


def test_version_is_light(tmp_path: Path) -> None:
    """`gonogo --version` loads neither screen nor transport, nor even YAML."""
    assert not loaded_by("--version", cwd=tmp_path) & (HEAVY | {"yaml", "markdown_it"})


@pytest.mark.parametrize("name", ["short.md", "short.yaml"])
def test_check_is_light(name: str, tmp_path: Path) -> None:
    """`gonogo check` reads a runbook, in either spelling, without screen or transport."""
    text = (
        RUNBOOK
        if name.endswith(".md")
        else "gonogo: 1\ntitle: A\nsteps:\n  - run: uname -r\n    read-only: true\n"
    )
    (tmp_path / name).write_text(text)
    assert not loaded_by("check", name, cwd=tmp_path) & HEAVY


def test_executors_do_not_load_each_other(tmp_path: Path) -> None:
    """The room's own `__init__` brings in no transport: an executor is imported when it is used."""
    code = (
        "import sys, gonogo.executors, gonogo.tui\n"
        "sys.exit(bool({'asyncssh', 'textual', 'openstack'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == 0
