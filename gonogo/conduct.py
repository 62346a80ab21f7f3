"""`python -m gonogo.conduct`: the run's own process. Started by `run` and `resume`, not by people."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from gonogo.defect import defect
from gonogo.errors import GonogoError
from gonogo.executors import create, load
from gonogo.garbage import SELDOM, spare
from gonogo.run.process import Order, conduct


def main() -> None:
    """Drive a run; the order comes on standard input as JSON. Without one, leave.

    With `--ssh` what reaches hosts that way is loaded while the order is on its way.
    """
    if "--ssh" in sys.argv[1:]:
        threading.Thread(target=load, args=("ssh",), daemon=True).start()
    data = sys.stdin.buffer.read()
    if not data:
        return
    os.umask(0o077)
    # Held connections would be searched for garbage again and again: a fifth of the time of short steps.
    spare(SELDOM)
    try:
        _drive(**json.loads(data))
    except GonogoError as error:
        _say(json.dumps({"what": error.what, "mend": error.mend, "exit": error.exit_code}))
        sys.exit(error.exit_code)
    except Exception as error:
        if os.environ.get("GONOGO_DEBUG"):
            raise
        sys.exit(f"error: {defect(error)}")
    # Taking apart what is left of a thousand connections takes 0.1 s; the trail is closed, nobody needs it.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _drive(run: str, **order: Any) -> None:
    asyncio.run(conduct(Path(run), Order(**order), create, _ready))


def _ready() -> None:
    _say("ready")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)
    os.close(null)


def _say(line: str) -> None:
    """Write to the pipe of whoever started us; it may be gone already."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - the interpreter flushes it at exit


if __name__ == "__main__":
    main()
