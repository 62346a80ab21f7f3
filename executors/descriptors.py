"""How many connections and commands this process may have open: each takes file descriptors."""

from __future__ import annotations

import contextlib
import resource

COMMANDS = 64
"""Commands on this machine at once, unless the step says how many: each is a process, or several."""
_MOST = 1 << 16
_STREAMS = 3
"""What a command takes."""
_SHARE = 4
"""One part in so many is for commands; the rest is for connections."""
_RESERVE = 64
"""For everything else: the trail, output, screens, agents, names being looked up."""


def room() -> int:
    """Return how many connections there may be at once."""
    free = _free()
    return max(free - min(COMMANDS * _STREAMS, free // _SHARE), 1)


def commands(wanted: int | None) -> int:
    """Return how many commands there may be on this machine at once, where so many are wanted."""
    return max(min(wanted or COMMANDS, _free() // _SHARE // _STREAMS), 1)


def _free() -> int:
    """Raise the limit of open files as far as it goes; return how many are free."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return (_MOST if soft == resource.RLIM_INFINITY else min(soft, _MOST)) - _RESERVE
