"""One symbol, one word and one style for each state: meaning never hangs on colour alone."""

from __future__ import annotations

from msgspec import Struct

from gonogo.run.monitors import Level
from gonogo.run.words import HostState


class Look(Struct, frozen=True):
    """How a state looks, everywhere."""

    symbol: str
    word: str
    style: str


HOSTS: dict[HostState, Look] = {
    HostState.OK: Look("✓", "ok", "ok"),
    HostState.WARN: Look("!", "warning", "warn"),
    HostState.FAILED: Look("✗", "failed", "bad"),
    HostState.UNREACHABLE: Look("⌀", "unreachable", "bad"),
    HostState.LOST: Look("↯", "lost", "bad"),
    HostState.UNKNOWN: Look("?", "unknown", "bad"),
    HostState.CANCELLED: Look("⊗", "cancelled", "bad"),
    HostState.RUNNING: Look("▸", "running", "run"),
    HostState.PENDING: Look("·", "waiting", "dim"),
    HostState.AGAIN: Look("↻", "runs again", "warn"),
    HostState.TO_ROLL_BACK: Look("↶", "to roll back", "warn"),
    HostState.ROLLED_BACK: Look("↩", "rolled back", "warn"),
    HostState.BY_HAND: Look("✎", "by hand", "hand"),
    HostState.LEFT_OUT: Look("–", "left out", "dim"),
    HostState.NOT_NEEDED: Look("○", "not needed", "dim"),
}
"""In the order in which counts are told."""

STEPS: dict[str, Look] = {
    "pending": Look("·", "not begun", "dim"),
    "waiting": Look("◆", "waits for you", "ask"),
    "running": Look("▸", "running", "run"),
    "failed": Look("✗", "failed hosts wait for you", "bad"),
    "between": Look("◐", "some batches done", "run"),
    "again": Look("↻", "opened once more", "warn"),
    "ok": Look("✓", "done", "ok"),
    "warn": Look("!", "done, with warnings", "warn"),
    "by-hand": Look("✎", "done, some by hand", "hand"),
    "rolled-back": Look("↩", "rolled back", "warn"),
    "skipped": Look("»", "skipped", "dim"),
    "left-out": Look("–", "all hosts left out", "warn"),
    "not-needed": Look("○", "not needed", "dim"),
    "no-go": Look("■", "ended here: no-go", "bad"),
    "aborted": Look("⊗", "aborted here", "bad"),
}
LEVELS: dict[Level, Look] = {
    Level.OK: Look("✓", "ok", "ok"),
    Level.WARN: Look("!", "warns", "warn"),
    Level.ALARM: Look("✗", "alarm", "bad"),
    Level.FAILING: Look("?", "gives no number", "bad"),
}
"""Of a monitor's number."""
RESULTS: dict[str, tuple[str, str]] = {
    "go": (" ✓ GO ", "badge-ok"),
    "no-go": (" ■ NO-GO ", "badge-bad"),
    "aborted": (" ■ ABORTED ", "badge-bad"),
}
"""How a run ended, as a badge of the top line."""
DONE, TODO = "━", "─"
"""The parts of a progress bar; heavy and light, so that they differ without colours too."""
