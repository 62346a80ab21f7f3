"""`make` on a machine that lacks something says what, and how to get it."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Need = Callable[[str, str], str]


@pytest.fixture
def empty_checkout(root: Path, tmp_path: Path) -> Path:
    """Give a directory with the Makefile, and nothing set up."""
    shutil.copy(root / "Makefile", tmp_path)
    (tmp_path / "gonogo").mkdir()
    for name in ("pyproject.toml", "uv.lock"):
        (tmp_path / name).touch()
    return tmp_path


def make(need: Need, checkout: Path, python: str) -> str:
    """Try `make demo` with another Python; give what it says as it fails."""
    command = [need("make", "make"), "demo", f"PYTHON={python}"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert not (checkout / ".venv").exists()
    return done.stderr


def test_no_python(need: Need, empty_checkout: Path) -> None:
    """Without such a Python it says so and how to name another one."""
    said = make(need, empty_checkout, "no-such-python")
    assert "gonogo needs Python 3.11 or newer, and 'no-such-python' is missing" in said
    assert "make PYTHON=python3.12 demo" in said


@pytest.mark.parametrize(("code", "told"), [(3, False), (1, False), (2, True)])
def test_a_demo_that_its_operator_left_is_no_error(
    need: Need, empty_checkout: Path, code: int, told: bool
) -> None:
    """At a terminal make is silent about a run that waits or ended no-go, and not about what failed."""
    (empty_checkout / ".venv/bin").mkdir(parents=True)
    (empty_checkout / ".venv/bin/gonogo").write_text(f"#!/bin/sh\nexit {code}\n")
    (empty_checkout / ".venv/bin/gonogo").chmod(0o755)
    (empty_checkout / ".venv/.ready").touch()
    ours, terminal = pty.openpty()
    try:
        command = [need("make", "make"), "demo"]
        done = subprocess.run(
            command, cwd=empty_checkout, stdin=terminal, capture_output=True, text=True, check=False
        )
    finally:
        os.close(ours)
        os.close(terminal)
    assert (done.returncode, "Error" in done.stderr) == (2 if told else 0, told)


def test_old_python(need: Need, empty_checkout: Path) -> None:
    """With an old Python it says which version that is."""
    old = empty_checkout / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)
    assert f"'{old}' is Python 3.9.2" in make(need, empty_checkout, str(old))


def test_no_venv(need: Need, empty_checkout: Path) -> None:
    """Where venv is a package of its own, it names that package and leaves nothing half made."""
    bare = empty_checkout / "bare-python"
    bare.write_text(f'#!/bin/sh\n[ "$1" = -m ] && mkdir -p .venv && exit 1\nexec {sys.executable} "$@"\n')
    bare.chmod(0o755)
    assert "apt-get install python3-venv" in make(need, empty_checkout, str(bare))
