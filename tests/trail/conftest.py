"""Keys, runs and programs that tests of the trail share."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .people import Party

Check = Callable[..., bool]


@pytest.fixture(scope="session")
def party(tmp_path_factory: pytest.TempPathFactory) -> Party:
    """Ann, Bob and Eve with their keys."""
    return Party.meet(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def _whole(party: Party, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from .runs import make_run

    runs = tmp_path_factory.mktemp("whole") / "runs"
    return asyncio.run(make_run(runs, party, sealer=party.ann, approver=party.bob))


@pytest.fixture
def run(_whole: Path, tmp_path: Path) -> Path:
    """A run of its own: driven and sealed by Ann, approved by Bob, complete."""
    return shutil.copytree(_whole, tmp_path / _whole.name)


@pytest.fixture
def stock(need: Callable[[str, str], str], tmp_path: Path) -> Check:
    """Ask stock `ssh-keygen -Y verify`: whether it accepts a signature in the name of a principal."""
    program = need("ssh-keygen", "openssh-client")
    names = itertools.count()

    def accepts(signers: bytes, principal: str, namespace: str, signature: str, data: bytes) -> bool:
        folder = tmp_path / f"check{next(names)}"
        folder.mkdir()
        (folder / "signers").write_bytes(signers)
        (folder / "sig").write_text(signature)
        words = ["-Y", "verify", "-f", "signers", "-I", principal, "-n", namespace, "-s", "sig"]
        done = subprocess.run([program, *words], cwd=folder, input=data, capture_output=True, check=False)
        return done.returncode == 0

    return accepts
