"""Where a host is and how to get there, from the inventory's variables."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from gonogo.errors import ExecutorError
from gonogo.text import clean_line

# OpenSSH's rule for names that ssh_config can put into a command (%h, %r), which may be run by a shell.
_HOST = re.compile(r"(?!-)[^\s\x00-\x20\x7f'`\"$\\;&<>|(){},]{1,1025}\Z")
_USER = re.compile(r"(?!-)[^\s\x00-\x20\x7f'`\";&<>|(){}]{1,1024}(?<!\\)\Z")
_WAYS = ("ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "")
_HOP = re.compile(r"(?:ssh://)?(?:(?P<user>.+)@)?(?P<host>\[[^\]]+\]|[^:\[\]]+)(?::(?P<port>\d+))?/?\Z")


class Route(Struct, frozen=True):
    """What was asked for. Whatever is None or empty comes from ssh_config, or is ssh's default."""

    host: str
    port: int | None = None
    user: str | None = None
    keys: tuple[str, ...] = ()
    known_hosts: tuple[str, ...] | None = None
    jump: str | None = None

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise ExecutorError(f"{clean_line(self.host)!r} is no host name")
        if self.user is not None and not _USER.fullmatch(self.user):
            raise ExecutorError(f"{clean_line(self.user)!r} is no user name")


def route(name: str, variables: Mapping[str, str], user: str | None, keys: tuple[str, ...]) -> Route:
    """Return the route to a host; raise ExecutorError for a variable that can't be honoured.

    `user` and `keys` are used where the inventory names none.
    """
    if (way := variables.get("ansible_connection", "ssh")) not in _WAYS:
        raise ExecutorError(f"ansible_connection={clean_line(way)} is not understood")
    port = variables.get("ansible_port") or variables.get("ansible_ssh_port")
    key = variables.get("ansible_ssh_private_key_file") or variables.get("ansible_private_key_file")
    made = Route(
        variables.get("ansible_host") or variables.get("ansible_ssh_host") or name,
        _port(port) if port else None,
        variables.get("ansible_user") or variables.get("ansible_ssh_user") or user,
        (_path(key),) if key else keys,
    )
    for variable in ("ansible_ssh_common_args", "ansible_ssh_extra_args"):
        try:
            if given := variables.get(variable):
                made = _with_arguments(made, shlex.split(given))
        except ValueError as error:
            raise ExecutorError(f"{variable}: {error}") from None
        except ExecutorError as error:
            raise ExecutorError(f"{variable}: {error.what}") from None
    return made


def hop(text: str) -> Route:
    """Return the route to a jump host, `[user@]host[:port]` or `ssh://…`."""
    match = _HOP.fullmatch(text.strip())
    if match is None:
        raise ExecutorError(f"{clean_line(text)!r} is no jump host")
    host = match["host"].strip("[]")
    return Route(host, _port(match["port"]) if match["port"] else None, match["user"])


def _with_arguments(made: Route, words: list[str]) -> Route:
    """Take ssh's options that are understood; refuse the rest instead of ignoring it."""
    while words:
        flag = words.pop(0)
        if flag[:2] not in ("-o", "-J", "-i", "-p"):
            raise ExecutorError(f"{clean_line(flag)} is not understood")
        flag, value = flag[:2], flag[2:] or (words.pop(0) if words else "")
        name, _, given = value.replace(" ", "=", 1).partition("=") if flag == "-o" else (flag, "", value)
        made = _with_option(made, name.strip(), given.strip(" ="))
    return made


def _with_option(made: Route, name: str, given: str) -> Route:
    if not given:
        raise ExecutorError(f"{clean_line(name)} has no value")
    match name.lower():
        case "proxyjump" | "-j":
            return replace(made, jump=given)
        case "userknownhostsfile":
            return replace(made, known_hosts=tuple(_path(one) for one in given.split()))
        case "identityfile" | "-i":
            return replace(made, keys=(_path(given),))
        case "port" | "-p":
            return replace(made, port=_port(given))
        case "user":
            return replace(made, user=given)
        case "stricthostkeychecking" if given.lower() in ("yes", "accept-new", "ask"):
            return made
        case "stricthostkeychecking":
            raise ExecutorError("host keys are always checked: take StrictHostKeyChecking out")
    raise ExecutorError(f"{clean_line(f'{name}={given}')} is not understood")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1 << 16):
        raise ExecutorError(f"{clean_line(text)!r} is no port")
    return int(text)


@functools.lru_cache(maxsize=256)  # a file is a thousand hosts' key, and 40 us each time
def _path(text: str) -> str:
    try:
        return str(Path(text).expanduser())
    except RuntimeError:
        return text
