"""Starting a run's process and waiting until screens can connect."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from gonogo.errors import GonogoError, RunError, TrailError
from gonogo.run.wire import socket_path


def who() -> str:
    """Return the operator as `user@host`."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def launch(run: Path, order: dict[str, Any]) -> None:
    """Start the process that drives a run; return when it can be connected to.

    The order goes through a pipe, so that no secret is in an argument list or the environment.
    Raises what the process says went wrong.
    """
    log = socket_path(run).with_suffix(".log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "gonogo", "conduct", str(run)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            cwd=os.getcwd(),
        )
    if process.stdin is None or process.stdout is None:
        raise RunError("the run's process has no pipes")
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
    said = process.stdout.readline()
    process.stdout.close()
    if said == b"ready\n":
        return
    process.wait()
    try:
        problem = json.loads(said)
    except ValueError:
        tail = log.read_text("utf-8", "replace")[-2000:]
        raise RunError(f"the run's process died at its start:\n{tail}") from None
    kind: type[GonogoError] = TrailError if problem["exit"] == TrailError.exit_code else RunError
    raise kind(problem["what"], problem["mend"])
