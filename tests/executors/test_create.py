"""Executors by their names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gonogo.errors import ExecutorError
from gonogo.executors import create


def test_by_name() -> None:
    """A known name is made with its settings; a wrong one is an error with a guess."""
    assert type(create("local")).__name__ == "LocalExecutor"
    assert type(create("ssh", agent=False, config=[])).__name__ == "SshExecutor"
    with pytest.raises(ExecutorError) as caught:
        create("shs")
    assert "ssh" in caught.value.mend


def test_the_factory_is_light() -> None:
    """Asking for the local executor does not load asyncssh."""
    program = "import sys, gonogo.executors as e; e.create('local'); sys.exit('asyncssh' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
