"""Which steps a run goes without from its start: asked for by place, by id or by tag."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gonogo.errors import UsageError
from gonogo.format.model import Runbook, Section, Step
from gonogo.near import meant

Left = tuple[tuple[str, ...], str]
"""(ids of steps, why the run goes without them)."""


class Selection(Struct, frozen=True):
    """What the command line says. A step is named by its id, or with others by their section's."""

    start_at: str | None = None
    only: Sequence[str] = ()
    tags: Sequence[str] = ()
    skip_tags: Sequence[str] = ()

    def left_out(self, runbook: Runbook) -> list[Left]:
        """Return the steps that are not asked for; raise UsageError for unknown names, or if none is left."""
        steps = [one for one in runbook.steps() if not one[1].test]
        rest = [step.id for _, step in steps]
        found: list[Left] = []
        for keep, why in self._wishes(steps):
            without = tuple(name for name in rest if name not in keep)
            rest = [name for name in rest if name in keep]
            if without:
                found.append((without, why))
        if steps and not rest:
            raise UsageError("no step is left to do", "`gonogo show` lists the ids and tags.")
        return found

    def _wishes(self, steps: list[tuple[tuple[Section, ...], Step]]) -> list[tuple[set[str], str]]:
        """Return, for each wish, the steps that it keeps."""
        names = [step.id for _, step in steps]
        wishes = []
        if self.start_at:
            first = min(names.index(name) for name in _named(steps, self.start_at))
            wishes.append((set(names[first:]), f"started at {self.start_at}"))
        if self.only:
            kept = {name for wanted in self.only for name in _named(steps, wanted)}
            wishes.append((kept, f"asked for only {', '.join(self.only)}"))
        for tags, wanted, why in (
            (self.tags, True, "asked for only what is tagged"),
            (self.skip_tags, False, "asked to go without what is tagged"),
        ):
            if tags:
                tagged = _tagged(steps, tags)
                kept = tagged if wanted else set(names) - tagged
                wishes.append((kept, f"{why} {', '.join(tags)}"))
        return wishes


def _named(steps: list[tuple[tuple[Section, ...], Step]], wanted: str) -> list[str]:
    found = [
        step.id for above, step in steps if wanted == step.id or wanted in [section.id for section in above]
    ]
    if not found:
        known = {step.id for _, step in steps} | {section.id for above, _ in steps for section in above}
        raise UsageError(f"there is no step {wanted!r}", _near(wanted, known))
    return found


def _tagged(steps: list[tuple[tuple[Section, ...], Step]], tags: Sequence[str]) -> set[str]:
    known = {tag for _, step in steps for tag in step.options.tags}
    for tag in tags:
        if tag not in known:
            raise UsageError(f"no step is tagged {tag!r}", _near(tag, known))
    return {step.id for _, step in steps if set(step.options.tags) & set(tags)}


def _near(wanted: str, known: set[str]) -> str:
    return meant(wanted, sorted(known), "`gonogo show` lists the ids and tags.")
