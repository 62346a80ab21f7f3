"""The recording of a run in asciinema itself, where PyPI's is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.report.forms import cast, cast2

from .made import small

ASCIINEMA = Path(sys.executable).parent / "asciinema"
pytestmark = pytest.mark.skipif(not ASCIINEMA.exists(), reason="asciinema is not installed")


def _asciinema(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "ASCIINEMA_CONFIG_HOME": str(folder / "settings"), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [ASCIINEMA, *words],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
        start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A run, as a recording of version 2."""
    path = tmp_path / "run.cast"
    path.write_text("".join(cast2.render(small(tmp_path))))
    return path


@pytest.mark.parametrize("words", [("cat",), ("play", "--idle-time-limit", "0.001")])
def test_it_shows_all_that_was_recorded(recording: Path, words: tuple[str, ...]) -> None:
    """What asciinema prints is every output event, in order, and nothing else; marks are no output."""
    done = _asciinema(recording.parent, *words, recording.name)
    assert (done.returncode, done.stderr) == (0, b"")
    events = [json.loads(line) for line in recording.read_text().splitlines()[1:]]
    assert {code for _, code, _ in events} == {"o", "m"}
    assert done.stdout.decode().rstrip() == "".join(data for _, code, data in events if code == "o").rstrip()


def test_the_older_program_says_that_it_cannot_read_version_3(tmp_path: Path) -> None:
    """That is why there are two forms: before 3.0 it opens versions 1 and 2 alone."""
    (tmp_path / "run.cast").write_text("".join(cast.render(small(tmp_path))))
    done = _asciinema(tmp_path, "cat", "run.cast")
    assert done.returncode == 1
    assert b"v1 and v2" in done.stderr
