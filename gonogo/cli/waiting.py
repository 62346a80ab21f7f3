"""What `gonogo` alone says: which runs wait for somebody, and where to begin."""

from __future__ import annotations

from collections.abc import Iterator

from gonogo.trail.rundir import list_runs

from .listing import about


def lines() -> Iterator[str]:
    """Yield the runs that are not over, and what to do about each; nothing when there are none."""
    found = [one for one in map(about, list_runs()) if one["status"] in ("waiting", "running", "paused")]
    if not found:
        return
    yield f"{len(found)} run{'s are' if len(found) > 1 else ' is'} not over:"
    for one in found[-20:]:
        yield f"  {one['title']}"
        if one["waits_for"]:
            yield f"    waits for you: {one['waits_for']}"
        yield f"    gonogo {'attach' if one['live'] else 'resume'} {one['run']}"
    yield ""
