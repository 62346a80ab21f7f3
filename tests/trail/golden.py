"""The golden corpus: run directories of one format version that every later version must read.

`python -m tests.trail.golden FOLDER` makes the corpus of a new version: run directories, the keys that may
sign, and `expected.json`. A corpus that is committed is never made again: its bytes are what was promised.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from .people import Party
from .runs import bend, forge, make_run

Records = list[dict[str, Any]]
LINE = 16
"""The record that is changed: a `host.start`, with seals before and behind it."""


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _without(data: bytes, number: int) -> bytes:
    lines = _lines(data)
    return b"".join(lines[:number] + lines[number + 1 :])


def _other_code(records: Records) -> Records:
    changed = next(record for record in records if record["k"] == "host.exit")
    changed["code"] = 7
    return records


def _version(records: Records) -> Records:
    records[0]["v"] = 99
    return records


def _future(records: Records) -> Records:
    """A kind that this version does not know, and a key that it does not know in one that it does."""
    new = {"n": 0, "t": records[6]["t"], "m": records[6]["m"], "d": 6, "k": "weather", "wind": ["N", 3]}
    records[1]["mood"] = "calm"
    return [*records[:7], new, *records[7:]]


def _no_approval(records: Records) -> Records:
    return [record for record in records if record["k"] != "gate.approve"]


def _unsealed(records: Records) -> Records:
    return [record for record in records if record["k"] != "seal"]


async def make(target: Path) -> None:
    """Write the corpus into a folder that is not there yet."""
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place:
        party = Party.meet(Path(place))
        whole = await make_run(Path(place) / "runs", party, sealer=party.ann, approver=party.bob)
        eves = await make_run(Path(place) / "others", party, sealer=party.eve, approver=party.bob)
        shutil.copy(party.signers, target / "allowed_signers")
        other = (eves / "audit.jsonl").read_bytes()
        cases = _cases(party, other)
        for name, (_, change) in cases.items():
            run = target / name
            shutil.copytree(eves if name == "unknown-signer" else whole, run)
            # The seals name the run, so what is sealed anew is sealed for the name in run.start.
            await change(run)
        expected = {name: verdict for name, (verdict, _) in cases.items()}
        (target / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


Case = tuple[str, Callable[[Path], Awaitable[None]]]


def _cases(party: Party, other: bytes) -> dict[str, Case]:
    """Return each case: its verdict, and what is done to a sound run to come to it."""

    def bytes_of(change: Callable[[bytes], bytes]) -> Callable[[Path], Awaitable[None]]:
        return lambda run: asyncio.to_thread(bend, run, change)

    def records_of(
        change: Callable[[Records], Records], *, seal: bool = False
    ) -> Callable[[Path], Awaitable[None]]:
        return lambda run: forge(run, change, party.ann if seal else None)

    def beside(change: Callable[[Path], object]) -> Callable[[Path], Awaitable[None]]:
        async def changed(run: Path) -> None:
            change(run)

        return changed

    markers = b"<<<<<<< HEAD\n", b"=======\n>>>>>>> other\n"
    return {
        "complete": ("complete", bytes_of(lambda data: data)),
        "future-kind": ("complete", records_of(_future, seal=True)),
        "unsealed": ("complete", records_of(_unsealed)),
        "pruned-output": ("complete", beside(lambda run: shutil.rmtree(run / "output"))),
        "open": ("open", bytes_of(lambda data: b"".join(_lines(data)[:LINE]))),
        "torn": ("torn", bytes_of(lambda data: b"".join(_lines(data)[:LINE]) + _lines(data)[LINE][:40])),
        "flipped-bit": (
            "corrupt",
            bytes_of(lambda data: data.replace(b'"hosts":["h0"', b'"hosts":["h8"', 1)),
        ),
        "lost-line": ("corrupt", bytes_of(lambda data: _without(data, LINE))),
        "two-runs": ("corrupt", bytes_of(lambda data: data + other)),
        "merge-conflict": ("corrupt", bytes_of(lambda data: markers[0] + data + markers[1])),
        "crlf": ("corrupt", bytes_of(lambda data: data.replace(b"\n", b"\r\n"))),
        "bom": ("corrupt", bytes_of(lambda data: b"\xef\xbb\xbf" + data)),
        "nul": ("corrupt", bytes_of(lambda data: data.replace(b"look", b"l\0ok", 1))),
        "changed-output": (
            "corrupt",
            beside(lambda run: _replace(run / "output" / "0001-01.out", b"run", b"ran")),
        ),
        "changed-runbook": (
            "corrupt",
            beside(lambda run: _replace(run / "runbook" / "01-change.md", b"#", b"##")),
        ),
        "changed-plan": (
            "corrupt",
            beside(lambda run: _replace(run / "runbook" / "plan.json", b"h0", b"h9")),
        ),
        "rewritten": ("bad-signature", records_of(_other_code)),
        "not-approved": ("bad-signature", records_of(_no_approval, seal=True)),
        "unknown-signer": ("unknown-signer", bytes_of(lambda data: data)),
        "version-99": ("unsupported-version", records_of(_version, seal=True)),
        "empty": ("empty", bytes_of(lambda data: b"")),
    }


def _replace(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new, 1))


if __name__ == "__main__":
    asyncio.run(make(Path(sys.argv[1])))
