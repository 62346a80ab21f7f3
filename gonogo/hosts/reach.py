"""Variables that say how to reach a host: the ones that end up beside ssh's own words."""

from __future__ import annotations

import re
from collections.abc import Callable

from .names import Refused, brief

# OpenSSH's own rules for what ssh_config may put into a command (%h, %r), which a shell may run.
_ADDRESS = re.compile(r"(?!-)[^\s\x00-\x20\x7f'`\"$\\;&<>|(){},]{1,1025}")
_USER = re.compile(r"(?!-)[^\s\x00-\x20\x7f'`\";&<>|(){}]{1,1024}(?<!\\)")


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 5 and 0 < int(value) < 1 << 16


_CHECKS: dict[str, tuple[Callable[[str], object], str, str]] = {
    "host": (_ADDRESS.fullmatch, "no host's address", "Write a name or an IP address."),
    "port": (_is_port, "no port", "A port is 1 to 65535."),
    "user": (
        _USER.fullmatch,
        "no user's name",
        "Write a plain name, without spaces or quotes.",
    ),
}
_REACH = {f"ansible_{ssh}{name}": check for name, check in _CHECKS.items() for ssh in ("", "ssh_")}


def check_reach(name: str, value: str) -> None:
    """Raise Refused for an address, a port or a user that ssh must not be given.

    Templates pass, for nothing fills them in: whoever needs the value then says so.
    """
    if name not in _REACH or not value or "{{" in value or "{%" in value:
        return
    fits, what, mend = _REACH[name]
    if not fits(value):
        shown = brief(value)
        raise Refused(f"{name}: {shown!r} is {what}", mend)
