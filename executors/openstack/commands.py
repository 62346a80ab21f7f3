"""All commands of the language: what each may say, and what does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from . import leftovers, nodes, reads, smoke
from .cloud import Cloud
from .kinds import KINDS
from .language import Ask, Words
from .output import Control, Out

Does = Callable[[Cloud, Ask, Out, Control], int]
_COUNTS = frozenset({"count", "least"})
_HOST = frozenset({"host"})


class Command(Struct, frozen=True):
    """`does` returns 0 when all is as it should be, 1 when not. One that `changes` something runs alone."""

    words: Words
    does: Does
    changes: bool = False


def _all() -> dict[str, Command]:
    found: dict[str, Command] = {}
    for name, wanted in (
        ("services", "up"),
        ("volume-services", "up"),
        ("hypervisors", "up"),
        ("agents", "alive"),
    ):
        words = Words(frozenset(KINDS[name].columns) | _COUNTS)
        found[f"{name} {wanted}"] = Command(words, reads.well)
    columns = frozenset(KINDS["endpoints"].columns)
    found["endpoints answer"] = Command(Words(columns | _COUNTS), reads.endpoints)
    for name, kind in KINDS.items():
        flags = frozenset({"mine"} if kind.projects else ())
        found[f"snapshot {name}"] = Command(
            Words(frozenset(kind.columns) | {"ignore", "fields"}, flags), reads.snapshot
        )
    found["limits"] = Command(Words(frozenset({"below"})), reads.limits)
    found["quotas"] = Command(Words(frozenset({"project"})), reads.quotas)
    found["node instances"] = Command(Words(_HOST | {"status"}, needs=_HOST), reads.instances)
    found["node empty"] = Command(Words(_HOST | {"status"}, needs=_HOST), reads.empty)
    return found | _changing()


def _changing() -> dict[str, Command]:
    reason = _HOST | {"reason"}
    booted = frozenset({"image", "upload", "format", "flavor", "network", "zone", "host", "volume", "within"})
    smokes = Words(
        booted,
        frozenset({"ping", "ssh"}),
        needs=frozenset({"flavor"}),
        one_of=("image", "upload"),
        needed_by={"ping": "network", "ssh": "network", "format": "upload"},
    )
    return {
        "node disable": Command(Words(reason, needs=reason), nodes.disable, changes=True),
        "node enable": Command(Words(_HOST, needs=_HOST), nodes.enable, changes=True),
        "node drain": Command(
            Words(_HOST | {"limit", "within", "to"}, needs=_HOST), nodes.drain, changes=True
        ),
        "smoke": Command(smokes, smoke.smoke, changes=True),
        "smoke clean": Command(Words(frozenset({"name"})), leftovers.clean, changes=True),
    }


COMMANDS: Mapping[str, Command] = _all()
WORDS: Mapping[str, Words] = {name: command.words for name, command in COMMANDS.items()}
