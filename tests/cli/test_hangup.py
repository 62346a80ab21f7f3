"""A terminal that goes away."""

from __future__ import annotations

import os
import subprocess
import sys

_SCREEN = """
import threading
from gonogo.cli.terminal import screen_left
with screen_left():
    print("ready", flush=True)
    threading.Event().wait()
"""


def test_a_screen_ends_with_its_terminal() -> None:
    """Also where the session's leader hears of the hangup alone, and passes it on to nobody."""
    ours, theirs = os.openpty()
    leader = subprocess.Popen(
        ["setsid", "--ctty", "sh", "-c", 'trap : HUP; "$@"; exit 7', "sh", sys.executable, "-c", _SCREEN],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    assert b"ready" in os.read(ours, 100)
    os.close(ours)
    assert leader.wait(20) == 7
