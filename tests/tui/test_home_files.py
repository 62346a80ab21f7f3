"""What Home finds on a disk, and Home on a real terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from gonogo.cli.home import Files

GOOD = "---\ngonogo: 1\ntitle: A good one\n---\n\n### Say it\n\n```sh {read-only}\necho hi\n```\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a runbook, one with a mistake, a text about us, and a committed run."""
    monkeypatch.setenv("GONOGO_RUNS", str(tmp_path / "runs"))
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "deep").mkdir()
    (folder / "deep" / "good.md").write_text(GOOD)
    (folder / "wrong.md").write_text(
        GOOD.replace("A good one", "A wrong one").replace("{read-only}", "{hots=x}")
    )
    (folder / "about.md").write_text("# About\n\nA runbook begins with\n\n    gonogo: 1\n")
    kept = folder / "kept" / "20261120T160000Z-x"
    (kept / "runbook").mkdir(parents=True)
    (kept / "runbook" / "01-good.md").write_text(GOOD)
    (kept / "audit.jsonl").write_text("")
    return folder


def test_runbooks_are_found_with_their_mistakes(repository: Path) -> None:
    """Names stand there at once, titles and mistakes later; copies in a run's directory are none."""
    *_, books = Files(repository).books()
    found = {one.shown: one for one in books}
    assert found.keys() == {"deep/good.md", "wrong.md"}
    assert (found["deep/good.md"].title, found["deep/good.md"].errors) == ("A good one", 0)
    assert found["wrong.md"].errors


def test_a_run_is_found_with_its_runbook(repository: Path) -> None:
    """What ran says when, how it ended, and of what it was."""
    book = repository / "deep" / "good.md"
    subprocess.run(
        [sys.executable, "-P", "-m", "gonogo", "run", str(book), "--yes", "--plain"],
        check=True,
        capture_output=True,
    )
    shelf = Files(repository)
    (run,) = shelf.runs()
    assert (run.title, run.status, run.runbook) == ("A good one", "go", str(book))
    assert run.began is not None
    assert shelf.runs() == [run]


def test_home_on_a_terminal(repository: Path) -> None:
    """`gonogo` alone shows it from anywhere inside, and leaves with esc and exit code 0."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        os.chdir(repository / "deep")
        words = [sys.executable, "-P", "-m", "gonogo"]
        os.execve(sys.executable, words, os.environ | {"TERM": "xterm-256color"})
    seen, left = b"", False
    while select.select([terminal], [], [], 60)[0]:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        seen += piece
        if b"A wrong one" in seen and b"A good one" in seen and not left:
            left = True
            os.write(terminal, b"\x1b")
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert status == 0, seen[-1500:]
    assert left
