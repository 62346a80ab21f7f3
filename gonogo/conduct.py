"""The run's own process, which is begun by `run` and `resume` and outlives them.

It is forked: a second start would take 0.1 s more, and 10 MB for what both have loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from setproctitle import setproctitle

from gonogo.defect import defect
from gonogo.errors import GonogoError
from gonogo.fork import fork
from gonogo.garbage import SELDOM, spare


def begin(talk: socket.socket, errors: int, *, ssh: bool) -> int:
    """Begin a process that drives a run as soon as it has its order; return its number.

    The order comes on the socket as JSON, up to its end; without one the process leaves. What it says once
    goes back as a line: `ready`, or as JSON what went wrong. `errors` is the descriptor for anything else.
    `ssh`: what reaches hosts that way is loaded while the order is on its way.
    """
    return fork(lambda: _driven(talk, ssh=ssh), keep=talk.fileno(), errors=errors)


def _driven(talk: socket.socket, *, ssh: bool) -> int:
    """Drive the run that is ordered; return the exit code."""
    setproctitle("gonogo: a run's process")
    # What is for this process alone is loaded while the order is on its way.
    from gonogo.executors import create, load
    from gonogo.loop import run as run_loop
    from gonogo.run.process import Order, conduct

    if ssh:
        threading.Thread(target=load, args=("ssh",), daemon=True).start()

    def drive(run: str, **order: Any) -> None:
        setproctitle(f"gonogo: {Path(run).name}")
        # Held connections would be searched for garbage again and again: a fifth of the time of short steps.
        spare(SELDOM)
        run_loop(conduct(Path(run), Order(**order), create, lambda: _say(talk, "ready")))

    with talk.makefile("rb") as file:
        data = file.read()
    if not data:
        return 0
    os.umask(0o077)
    try:
        drive(**json.loads(data))
    except GonogoError as error:
        _say(talk, json.dumps({"what": error.what, "mend": error.mend, "exit": error.exit_code}))
        return error.exit_code
    except Exception as error:
        if os.environ.get("GONOGO_DEBUG"):
            raise
        sys.stderr.write(f"error: {defect(error)}\n")
        return 1
    return 0


def _say(talk: socket.socket, line: str) -> None:
    """Say the one thing that whoever began the run waits for; they may be gone already."""
    with contextlib.suppress(OSError), talk:
        talk.sendall(line.encode() + b"\n")
