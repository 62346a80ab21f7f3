"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def need() -> Callable[[str, str], str]:
    """Find a program: `need("sshd", "openssh-server")` gives its path.

    Without it the test is skipped with the package's name, and fails where GONOGO_TEST_ALL is set.
    """

    def find(program: str, package: str) -> str:
        path = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if path:
            return path
        why = f"{program} is missing: apt-get install {package}"
        if os.environ.get("GONOGO_TEST_ALL"):
            pytest.fail(why)
        pytest.skip(why)

    return find
