"""How a file differs from its commit."""

from __future__ import annotations

from msgspec.structs import replace

from gonogo.text import clean_bytes, clean_line

from .model import Change
from .repository import Git, Unreadable

_HEADER = ("diff --git", "index ", "new file", "deleted file", "old mode", "new mode", "--- ", "+++ ")


def difference(git: Git, path: str, before: bytes | None, after: bytes, room: int) -> Change:
    """Return the change of a file, its difference not longer than `room` bytes; `before` None: it is new.

    Git compares two copies outside of any repository: no attributes, no filters, no other program.
    """
    shown = clean_line(path)
    change = Change(shown, "new" if before is None else "changed", cut=True)
    if room <= 0:
        return change
    old, new = git.scratch / "before", git.scratch / "after"
    old.write_bytes(before or b"")
    new.write_bytes(after)
    words = ("--no-index", "--no-ext-diff", "--no-textconv", "--no-color", "--unified=3")
    try:
        printed = git.ask("diff", *words, "--", str(old), str(new), limit=room)
    except Unreadable:
        return change
    cut = len(printed) == room
    text = clean_bytes(printed[: printed.rfind(b"\n") + 1] if cut else printed)
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines) if not line.startswith(_HEADER)), len(lines))
    body = lines[start:]
    return replace(
        change,
        added=sum(line.startswith("+") for line in body),
        removed=sum(line.startswith("-") for line in body),
        difference="\n".join([f"--- {shown}", f"+++ {shown}", *_told(body, after)]),
        cut=cut,
    )


def _told(body: list[str], after: bytes) -> list[str]:
    binary = any(line.startswith("Binary files") for line in body[:1])
    return [f"binary, now {len(after)} bytes"] if binary else body
