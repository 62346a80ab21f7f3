"""The recording of a run in asciinema itself, where PyPI's is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gonogo.report.forms import cast, cast2

from .asciicast import NoCastError, read
from .made import small

ASCIINEMA = Path(sys.executable).parent / "asciinema"
played = pytest.mark.skipif(not ASCIINEMA.exists(), reason="asciinema is not installed")


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


@played
@pytest.mark.parametrize("words", [("cat",), ("play", "--idle-time-limit", "0.001")])
def test_it_shows_all_that_was_recorded(recording: Path, words: tuple[str, ...]) -> None:
    """What asciinema prints is every output event, in order, and nothing else; marks are no output."""
    done = _asciinema(recording.parent, *words, recording.name)
    assert (done.returncode, done.stderr) == (0, b"")
    events = [json.loads(line) for line in recording.read_text().splitlines()[1:]]
    assert {code for _, code, _ in events} == {"o", "m"}
    assert done.stdout.decode().rstrip() == "".join(data for _, code, data in events if code == "o").rstrip()


@played
def test_a_recording_of_version_3_plays_when_another_reader_puts_it_into_version_2(tmp_path: Path) -> None:
    """PyPI's newest asciinema reads version 2, so one that reads 3 by its description stands in between."""
    (tmp_path / "run.cast").write_text(read("".join(cast.render(small(tmp_path)))).older())
    done = _asciinema(tmp_path, "cat", "run.cast")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"A change: " in done.stdout


def test_a_strict_reader_of_version_3_takes_what_a_run_becomes(tmp_path: Path) -> None:
    """Header, intervals, codes and data are as described, and come to the same as in version 2."""
    run = small(tmp_path)
    found = read("".join(cast.render(run)))
    head, *events = [json.loads(line) for line in "".join(cast2.render(run)).splitlines()]
    assert found.head["term"] == {"cols": head["width"], "rows": head["height"]}
    assert [(code, data) for _, code, data in found.events] == [(code, data) for _, code, data in events]
    assert [at for at, _, _ in found.events] == pytest.approx([at for at, _, _ in events], abs=0.1)
    assert found.printed.count("\n") == found.printed.count("\r\n") > 10


@pytest.mark.parametrize(
    "line",
    ['[-1,"o",""]', '[0,"q",""]', '[0,"o"]', '[0,"o",7]', '[true,"o",""]', '[0,"r","90"]', '{"a":1}', '"x"'],
)
def test_the_strict_reader_is_strict(line: str) -> None:
    """Otherwise it would prove nothing."""
    head = '{"version":3,"term":{"cols":80,"rows":24}}'
    assert read(f'{head}\n# said\n[0.5,"o","x"]\n[0,"x","0"]').printed == "x"
    with pytest.raises(NoCastError):
        read(f"{head}\n{line}")
    with pytest.raises((NoCastError, ValueError)):
        read(f'{{"version":3,"width":80,"height":24}}\n{line}')


@played
def test_the_older_program_says_that_it_cannot_read_version_3(tmp_path: Path) -> None:
    """That is why there are two forms: before 3.0 it opens versions 1 and 2 alone."""
    (tmp_path / "run.cast").write_text("".join(cast.render(small(tmp_path))))
    done = _asciinema(tmp_path, "cat", "run.cast")
    assert done.returncode == 1
    assert b"v1 and v2" in done.stderr
