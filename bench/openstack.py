"""Twelve reads of a cloud in one block, and ten thousand servers, beside the SDK by itself."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .measure import Row, milliseconds
from .reads import LATENCY, SERVERS

ROUNDS = 9


def rows() -> list[Row]:
    """Measure against a stub that takes 50 ms to answer a request."""
    with tempfile.TemporaryDirectory() as folder, _stub(folder):
        ours, sdk = _child("ours", folder, ROUNDS), _child("sdk", folder, ROUNDS)
        servers, objects = _child("servers", folder), _child("objects", folder)
    cold, warm = ours["seconds"][0], statistics.median(ours["seconds"][1:])
    theirs = statistics.median(sdk["seconds"][1:])
    slept = f"{LATENCY * 1000:.0f} ms each"
    return [
        _times(f"12 reads in one block, {slept}, with login", cold, sdk["seconds"][0], 0.6),
        _times(f"12 reads in one block, {slept}, logged in", warm, theirs, 0.5),
        _sizes("12 reads: memory over the import", ours, sdk, 2.0),
        _times(f"snapshot of {SERVERS} servers", servers["seconds"][0], objects["seconds"][0], 1.0),
        _sizes(f"snapshot of {SERVERS} servers: memory", servers, objects, 1.0),
    ]


def _times(what: str, ours: float, theirs: float, most: float) -> Row:
    ratio = ours / theirs
    beside = f"SDK, one by one: {milliseconds(theirs)}"
    return Row(what, milliseconds(ours), beside, ratio, f"<= {most:g}x", ratio <= most)


def _sizes(what: str, ours: dict[str, Any], theirs: dict[str, Any], most: float) -> Row:
    mine, other = (one["kilobytes"] / 1024 for one in (ours, theirs))
    ratio = mine / other
    return Row(what, f"{mine:.1f} MB", f"SDK: {other:.1f} MB", ratio, f"<= {most:g}x", ratio <= most)


@contextmanager
def _stub(folder: str) -> Iterator[None]:
    words = [sys.executable, "-m", "bench.reads", "stub", folder]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stub:
        assert stub.stdin is not None
        assert stub.stdout is not None
        stub.stdout.readline()
        yield
        stub.stdin.close()


def _child(*words: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.reads", *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
