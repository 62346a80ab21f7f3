"""Starting a lab as a process of its own, for the demo and for tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from msgspec import Struct

from gonogo.errors import ExecutorError
from gonogo.text import clean

from .papers import Ready

STOP_SECONDS = 10


class Lab(Struct):
    """A lab that runs."""

    ready: Ready
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The process to end (SIGTERM); everything that the lab started goes with it."""
        return self.process.pid

    @property
    def directory(self) -> Path:
        """Its folder."""
        return Path(self.ready.directory)

    @property
    def inventory(self) -> Path:
        """The inventory to give to a run."""
        return Path(self.ready.inventory)

    @property
    def journal(self) -> Path:
        """What its hosts ran, a JSON line each."""
        return Path(self.ready.journal)

    def release(self) -> None:
        """Let it live on without this process."""
        if self.process.stdin:
            self.process.stdin.write(b"\n")
            self.process.stdin.close()

    def stop(self) -> None:
        """End it and wait for its end. May be called again."""
        _end(self.process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def start(
    inventory: Path,
    scenario: Path | None = None,
    directory: Path | None = None,
    *,
    isolated: bool = True,
    passing: bool = False,
) -> Lab:
    """Start a lab and return it once every port is open; raise ExecutorError with its own words if it can't.

    It is in a session of its own and lives until `stop()`, a SIGTERM to its `pid`, or this process ends,
    if it was not released before. A passing one takes its folder with it, however it comes to its end.
    """
    folder = directory or Path(tempfile.mkdtemp(prefix="gonogo-lab-"))
    words = [sys.executable, "-P", "-m", "gonogo", "lab", "--json", "--leash"]
    words += ["-i", str(inventory), "--dir", str(folder)]
    words += ["--faults", str(scenario)] if scenario else []
    words += [] if isolated else ["--no-isolation"]
    words += ["--passing"] if passing else []
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            return Lab(Ready(**json.loads(line)), process)
        except (ValueError, TypeError):
            _end(process)
            if passing:
                shutil.rmtree(folder, ignore_errors=True)
            complaints.seek(0)
            said = clean(complaints.read().decode("utf-8", "replace")).strip().removeprefix("error: ")
            raise ExecutorError(f"the lab did not start: {said or 'it said nothing'}") from None
