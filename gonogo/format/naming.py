"""Titles and ids: the outline becomes sections and steps, each with a name of its own.

An id is made of the titles above a step, so that it stays when other steps come, go or move. The first
block of a heading or list item is called as that is; a further one adds its own title, paragraph or
command. A number is added only where two names are the same after all.
"""

from __future__ import annotations

import re
import unicodedata

from gonogo.text import clean_line

from .model import Place, Script, Section, Step
from .outline import LEAD_LIMIT, TITLE_LIMIT, Box, Draft, settle
from .problems import Problems

ID_LIMIT = 200


def finish(root: Box, problems: Problems, *, ours: bool) -> tuple[Section | Step, ...]:
    """Return the outline with titles and ids; boxes without steps fall away."""
    settle(root)
    return tuple(_Finisher(problems, ours=ours).finish(root))


class _Finisher:
    def __init__(self, problems: Problems, *, ours: bool) -> None:
        self._report, self._ours = problems.error if ours else problems.warn, ours
        self._steps: dict[str, Place] = {}
        self._sections: dict[str, Place] = {}
        self._numbers: dict[tuple[str, int], int] = {}
        """The last number that a name got: most of ten thousand steps may be called alike."""
        self._written: set[str] = set()
        """Ids by the author: a derived one gives way to them, wherever they stand."""
        self._written_sections: set[str] = set()

    def finish(self, root: Box) -> list[Section | Step]:
        self._collect(root, "")
        return self._children(root, "", "", "")

    def _collect(self, box: Box, scope: str) -> None:
        """Note the ids by the author in one document."""
        for child in box.children:
            is_step = isinstance(child, Draft) or _only(child) is not None
            if (own := _own(child)) is not None:
                (self._written if is_step else self._written_sections).add(_join(scope, own[0]))
            if isinstance(child, Box) and not child.included:
                self._collect(child, scope)

    def _children(self, box: Box, title: str, path: str, scope: str) -> list[Section | Step]:
        """Return what a box becomes. `path` is its id; ids that the author wrote stand under `scope`."""
        found: list[Section | Step] = []
        first = True
        for child in box.children:
            if isinstance(child, Box):
                if child.alive():
                    found += self._box(child, title, path, scope)
                continue
            lead = child.paragraph if len(child.paragraph) <= LEAD_LIMIT else ""
            shown = child.title or lead or title or child.paragraph or first_words(child.script)
            leaf = child.title or ("" if first and path else lead or first_words(child.script))
            found.append(self._step(child, shown, path, leaf, scope))
            first = False
        return found

    def _box(self, box: Box, title: str, path: str, scope: str) -> list[Section | Step]:
        if not (box.title or box.rolling or box.included):
            return self._children(box, title, path, scope)
        name = box.title or first_words(next(box.drafts()).script)
        only = _only(box)
        if only is not None:
            own = _own(box) if _own(only) is None else None
            if own is not None:
                only.given = {**only.given, "id": own}
            below = self._unique(
                _join(path, slug(name)), self._sections, box.place, avoid=self._written_sections
            )
            return [self._step(only, only.title or name, below, only.title, scope)]
        below = self._section_id(box, _join(path, slug(name)), scope)
        inner = below if box.included else scope
        if box.included:
            self._collect(box, inner)
        children = tuple(self._children(box, name, below, inner))
        return [Section(below, name, box.place, children, box.rolling)]

    def _section_id(self, box: Box, derived: str, scope: str) -> str:
        own = _own(box)
        return (
            self._written_id(own, self._sections, scope)
            if own
            else self._unique(derived, self._sections, box.place, avoid=self._written_sections)
        )

    def _step(self, draft: Draft, title: str, path: str, leaf: str, scope: str) -> Step:
        own = _own(draft)
        if own is not None:
            name = self._written_id(own, self._steps, scope)
        else:
            derived = _join(path, slug(leaf)) if leaf or not path else path
            name = self._unique(derived, self._steps, draft.place, avoid=self._written)
        return Step(
            id=name,
            title=title,
            kind=draft.kind,
            place=draft.place,
            options=draft.options,
            script=draft.script,
            check=draft.check,
            rollback=draft.rollback,
            prose=draft.prose,
            test=draft.test and self._ours,
        )

    def _written_id(self, own: tuple[str, Place], taken: dict[str, Place], scope: str) -> str:
        name, place = _join(scope, own[0]), own[1]
        if name in taken:
            other = taken[name]
            where = f"line {other.line}" if other.file == place.file else str(other)
            message = f"the id {own[0]!r} stands twice, first in {where}"
            self._report(place, "duplicate-id", message, "Rename one of them.")
        return self._unique(name, taken, place)

    def _unique(
        self, name: str, taken: dict[str, Place], place: Place, avoid: set[str] | frozenset[str] = frozenset()
    ) -> str:
        found, counted = name, (name, id(taken))
        number = self._numbers.get(counted, 1)
        while found in taken or found in avoid:
            number += 1
            found = f"{name}-{number}"
        taken[found], self._numbers[counted] = place, number
        return found


def _only(box: Box) -> Draft | None:
    """Return the one step that a box is, unless it holds more, rolls or is a document of its own."""
    live = [child for child in box.children if isinstance(child, Draft) or child.alive()]
    is_section = len(live) != 1 or box.rolling is not None or box.included
    return None if is_section or not isinstance(live[0], Draft) else live[0]


def _own(one: Box | Draft) -> tuple[str, Place] | None:
    """Return the id that the author wrote."""
    for key in ("id", "name"):
        if key in one.given and (text := clean_line(one.given[key][0].strip())[:ID_LIMIT]):
            return text, one.given[key][1]
    return None


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def first_words(script: Script | None) -> str:
    """Return a script's first command as a title."""
    lines = (line.strip() for line in script.text.splitlines()) if script else iter(())
    return next(
        (clean_line(line[:TITLE_LIMIT]) for line in lines if line and not line.startswith("#")), "step"
    )


def slug(title: str) -> str:
    """Return a title as a short name: lower case, words joined by dashes, accents taken off."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", title) if not unicodedata.combining(letter)
    )
    return re.sub(r"[\W_]+", "-", plain.lower()).strip("-")[:60].strip("-") or "step"
