"""What a host or a group may be called, and how a refusal travels to the reader that knows the place."""

from __future__ import annotations

import ipaddress
import re

from gonogo.text import clean_line

# OpenSSH's own rule for host names, and beyond it the letters that patterns and paths are made of.
_BAD_HOST = re.compile(r"[\s'\"`$\\/;&<>|(){},!*?#@=~\[\]\x00-\x1f\x7f-\x9f]")
_BAD_GROUP = re.compile(r"[\s'\"`$\\/;<>|(){},:*?\[\]\x00-\x1f\x7f-\x9f]|^[-!&~@]")
NAME_LIMIT = 255
_BRIEF = 100
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")


class Refused(ValueError):
    """What is wrong and how to mend it, for the reader to add the place.

    `ansible`: Ansible could read it. `place`: line and column, where the one who refuses knows better.
    """

    def __init__(self, what: str, mend: str = "", *, ansible: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.ansible = ansible
        self.place: tuple[int, int] | None = None


def check_host(name: str) -> None:
    """Raise Refused for a name that no host may have."""
    if _PLAIN.fullmatch(name):
        return
    if why := _host_fault(name):
        raise Refused(
            f"{brief(name)!r} is no host name: it {why}", "Rename it; `ansible_host` can hold the address."
        )


def check_group(name: str) -> None:
    """Raise Refused for a group that no pattern could name."""
    if _PLAIN.fullmatch(name):
        return
    match = _BAD_GROUP.search(name)
    if not name or len(name) > NAME_LIMIT:
        why = f"must have 1 to {NAME_LIMIT} characters"
    elif match or clean_line(name) != name:
        begins = match is not None and match.group() in ("-", "!", "&", "~", "@")
        how = "begins with" if begins else "holds"
        why = f"{how} {clean_line(match.group())!r}" if match else "holds invisible characters"
    else:
        return
    raise Refused(f"{brief(name)!r} is no group name: it {why}", "Rename the group.")


def _host_fault(name: str) -> str:
    if not name or len(name) > NAME_LIMIT:
        return f"must have 1 to {NAME_LIMIT} characters"
    if name.startswith("-"):
        return "begins with a dash"
    if match := _BAD_HOST.search(name):
        return f"holds {clean_line(match.group())!r}"
    if clean_line(name) != name:
        return "holds invisible characters"
    if ":" in name:
        try:
            ipaddress.IPv6Address(name)
        except ValueError:
            return "holds ':' and is no IPv6 address (a port follows as in web1:2222)"
    return ""


def brief(text: str) -> str:
    """Return the beginning of a text, fit to be shown in one line."""
    return clean_line(text if len(text) <= _BRIEF else text[:_BRIEF] + "…")
