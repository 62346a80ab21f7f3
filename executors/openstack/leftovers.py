"""What smoke tests made, found by its name and taken away: at their end, and after one that was killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from .cloud import Cloud
from .language import Ask
from .output import Control, Out
from .trouble import is_gone, told

NAME = "gonogo-smoke-"
"""How the names begin of all that smoke tests make; a person who finds one knows where it comes from."""
EVERY = 1.0
"""Seconds between two looks."""
TAKE_AWAY = 120.0
"""Seconds to take all away of one test."""
_BUSY = frozenset({"attaching", "in-use", "detaching", "creating", "downloading"})


class Kind(Struct, frozen=True):
    """Something that a smoke test makes. Each function takes the connection first."""

    service: str
    listed: Callable[[Any], Iterable[Any]]
    get: Callable[[Any, str], Any]
    delete: Callable[[Any, str], object]


KINDS: Mapping[str, Kind] = {
    # In this order they let go of each other.
    "server": Kind(
        "compute",
        lambda cloud: cloud.compute.servers(),
        lambda cloud, ident: cloud.compute.get_server(ident),
        lambda cloud, ident: cloud.compute.delete_server(ident),
    ),
    "volume": Kind(
        "block-storage",
        lambda cloud: cloud.block_storage.volumes(),
        lambda cloud, ident: cloud.block_storage.get_volume(ident),
        lambda cloud, ident: cloud.block_storage.delete_volume(ident),
    ),
    "image": Kind(
        "image",
        lambda cloud: (
            one for one in cloud.image.images() if one.owner_id in (None, cloud.current_project_id)
        ),
        lambda cloud, ident: cloud.image.get_image(ident),
        lambda cloud, ident: cloud.image.delete_image(ident),
    ),
}


def clean(cloud: Cloud, ask: Ask, out: Out, control: Control) -> int:
    """Take away what smoke tests of one's project left, or those that `name=` fits."""
    pattern = ask.options.get("name", "*")
    return 1 if take_away(cloud, pattern, KINDS, out, control.look) else 0


def take_away(
    cloud: Cloud, pattern: str, kinds: Iterable[str], out: Out, look: Callable[[], None] = lambda: None
) -> int:
    """Remove all of these kinds whose name fits; return how many are, or may be, left behind.

    `look` may end it early by what it raises.
    """
    deadline, left, wanted = time.monotonic() + TAKE_AWAY, 0, set(kinds)
    for name in KINDS:
        if name not in wanted:
            continue
        try:
            found = list(_named(cloud.connection, KINDS[name], pattern))
        except Exception as error:
            left += 1
            out.trouble(f"left behind, maybe: the {name}s cannot be listed: {told(error)}")
            continue
        for ident in found:
            look()
            left += not _removed(cloud.connection, name, ident, out, deadline)
    return left


def _named(connection: Any, kind: Kind, pattern: str) -> Iterator[str]:
    if not connection.has_service(kind.service):
        return
    for one in kind.listed(connection):
        name = str(one.name or "")
        if name.startswith(NAME) and fnmatchcase(name, pattern):
            yield str(one.id)


def _removed(connection: Any, name: str, ident: str, out: Out, deadline: float) -> bool:
    kind = KINDS[name]
    try:
        if name == "volume":
            _wait(lambda: kind.get(connection, ident).status not in _BUSY, deadline, "is still in use")
        kind.delete(connection, ident)
        _wait(lambda: _is_away(kind, connection, ident), deadline, "is still there")
    except Exception as error:
        if not is_gone(error):
            out.trouble(f"left behind: {name} {ident}: {told(error)}")
            return False
    out.line(f"removed {name} {ident}")
    return True


def _is_away(kind: Kind, connection: Any, ident: str) -> bool:
    try:
        status = str(kind.get(connection, ident).status).lower()
    except Exception as error:
        if is_gone(error):
            return True
        raise
    if "error" in status:
        raise RuntimeError(f"it is {status}")
    return status == "deleted"


def _wait(reached: Callable[[], bool], deadline: float, otherwise: str) -> None:
    while not reached():
        if time.monotonic() > deadline:
            raise RuntimeError(f"it {otherwise} after {TAKE_AWAY:g} s")
        time.sleep(EVERY)
