"""A turn's hosts, made when they are looked at and packed when they are not: a long run in little memory.

What a host printed and the digest of it are not held at all: `output` names the record of its exit (`@` and
the byte at which that begins), and `fill` reads them from there.
"""

from __future__ import annotations

import pickle
import zlib
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from operator import attrgetter
from pathlib import Path

import msgspec
from msgspec import Struct

from gonogo.trail.output import open_regular
from gonogo.trail.record import LINE_LIMIT

from ..rundata import HostRun, Record

_VALUES = attrgetter(*HostRun.__struct_fields__)
_FRESH = _VALUES(HostRun())
_MARK = "@"


class Roster:
    """The names of a turn's hosts, in its order; shared by all turns on the same hosts."""

    __slots__ = ("names", "place")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.place = {name: number for number, name in enumerate(names)}


class Hosts(dict[str, HostRun]):
    """Hosts by name. What is in the dict itself is only what was looked at since it was packed last."""

    __slots__ = ("_packed", "_refs", "_unpacked", "_whole", "roster")

    def __init__(self, roster: Roster, packed: bytes = b"") -> None:
        super().__init__()
        self.roster, self._packed = roster, packed
        self._refs: dict[str, str] = {}
        self._unpacked = self._whole = False

    def __missing__(self, name: str) -> HostRun:
        self._unpack()
        found = super().get(name)
        if found is None:
            if name not in self.roster.place:
                raise KeyError(name)
            found = HostRun()
            super().__setitem__(name, found)
        return found

    def __setitem__(self, name: str, host: HostRun) -> None:
        self._unpack()
        super().__setitem__(name, host)

    def take(self, hosts: Mapping[str, HostRun]) -> None:
        """Take over these hosts, which are all of the roster's."""
        self._unpack()
        super().update(hosts)

    def get(self, name: str, default: HostRun | None = None) -> HostRun | None:  # type: ignore[override]
        return self[name] if name in self.roster.place else default

    def __contains__(self, name: object) -> bool:
        return name in self.roster.place

    def __len__(self) -> int:
        return len(self.roster.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.roster.names)

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        return self.roster.place.keys()

    def values(self) -> ValuesView[HostRun]:  # type: ignore[override]
        self._complete()
        return super().values()

    def items(self) -> ItemsView[str, HostRun]:  # type: ignore[override]
        self._complete()
        return super().items()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and dict(self.items()) == dict(other.items())

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def _complete(self) -> None:
        """Have every host in the dict, in the turn's order."""
        if self._whole:
            return
        self._unpack()
        found = {name: super(Hosts, self).get(name) or HostRun() for name in self.roster.names}
        super().clear()
        super().update(found)
        self._whole = True

    def _unpack(self) -> None:
        if self._unpacked:
            return
        self._unpacked = True
        if self._packed:
            names = self.roster.names
            packed = zlib.decompress(self._packed)
            for place, values in pickle.loads(packed):  # noqa: S301 - bytes of this process, from nowhere else
                super().__setitem__(names[place], HostRun(*values))

    def pack(self, *, keep: bool = False) -> bytes:
        """Return the hosts in few bytes, the same object if none was looked at since, and let go of them.

        `keep` holds on to them: they are wanted again at once.
        """
        if self._unpacked:
            for name, ref in self._refs.items():
                host = self[name]
                if not host.output.startswith(_MARK):
                    host.output, host.excerpt = ref, ""
            place = self.roster.place
            known = [(place[name], _VALUES(host)) for name, host in super().items()]
            told = sorted(one for one in known if one[1] != _FRESH)
            self._packed = zlib.compress(pickle.dumps(told, 5), 1) if told else b""
            self._refs = {}
            if not keep:
                self.let_go()
        return self._packed

    def looked_at(self) -> Iterable[HostRun]:
        """Return the hosts that are not packed."""
        return super().values()

    def let_go(self) -> None:
        """Forget what was looked at since they were packed; nothing of it may have been changed."""
        self._unpacked = self._whole = False
        super().clear()

    def fill(self, trail: Path) -> None:
        """Put what the hosts printed, and its digest, where their exits' records are named."""
        self._unpack()
        bare = {name: host for name, host in super().items() if host.output.startswith(_MARK)}
        if not bare:
            return
        with open_regular(trail) as file:
            for name, host in bare.items():
                self._refs[name] = host.output
                file.seek(int(host.output[1:]))
                told = _told(file.readline(LINE_LIMIT + 1))
                host.output, host.excerpt = told.digest, told.excerpt


class Told(Struct, frozen=True):
    """What is left in the trail of a host's exit."""

    digest: str = ""
    excerpt: str = ""


_TOLD = msgspec.json.Decoder(Told)


def _told(line: bytes) -> Told:
    try:
        return _TOLD.decode(line)
    except msgspec.MsgspecError:
        return Told()


def lighten(record: Record, offset: int) -> None:
    """Take out of an exit's record what `fill` reads again; `offset` is where its line begins."""
    if record["k"] == "host.exit" and (record.pop("excerpt", "") or record.get("digest")):
        record["digest"] = f"{_MARK}{offset}"
