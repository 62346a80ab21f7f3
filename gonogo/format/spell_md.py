"""A runbook as Markdown: headings for sections, code blocks with attributes, checkboxes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from .duration import duration_text
from .mdwrite import LIST, Words, fence, item, joined, prose_blocks, titled, uncommented, visible
from .model import Kind, Options, Runbook, Script, Section, Step
from .spell import Explicit, Path, Spelling, changed, defaults, inherited, spelling, value_text
from .spell_yaml import head
from .yamlwrite import write_yaml


def to_markdown(runbook: Runbook) -> Spelling:
    """Return the runbook's Markdown spelling, read back to prove that it is the same."""
    return spelling(runbook, write, "spelling.md")


def write(runbook: Runbook, explicit: Explicit) -> str:
    """Return a runbook as a Markdown document, with `explicit` written out."""
    blocks = [f"---\n{write_yaml(head(runbook))}---", f"# {visible(runbook.title, 1)}".rstrip()]
    blocks += _Writer(explicit).children(runbook.children, 2, Options(), runbook.path)
    return "\n\n".join(blocks) + "\n"


class _Writer:
    def __init__(self, explicit: Explicit) -> None:
        self._explicit = explicit

    def children(
        self,
        children: Sequence[Section | Step],
        level: int,
        base: Options,
        file: str,
        path: Path = (),
        done: int = 0,
    ) -> list[str]:
        """Return the blocks of what stands under a heading or item, without the first `done` children."""
        if level >= LIST or _fits_list(children[done:]):
            level = LIST
        found: list[str] = []
        for at, child in enumerate(children[done:], done):
            if child.place.file != file:
                file = child.place.file
                found.append(f"<!-- from {uncommented(file)} -->")
            if level < LIST and at > done and _is_question(child) and not _is_question(children[at - 1]):
                # A heading without a title ends the one before, which would take the checkbox.
                found.append("#" * level)
            found += self._child(child, level, base, (*path, at))
        return joined(found)

    def _child(self, child: Section | Step, level: int, base: Options, here: Path) -> list[str]:
        question = _is_question(child)
        level = LIST if question else level
        before: list[str] = []
        if isinstance(child, Step) and level >= LIST and here[-1] == 0:
            # It reads better above the list than inside its first item.
            before, child = self._prose(child, here), replace(child, prose="")
        first, *rest = self._node(child, level, base, here)
        if level < LIST:
            return [f"{'#' * level} {first}".rstrip(), *rest]
        return [*before, item("- [ ]" if question else f"{here[-1] + 1}.", [first, *rest])]

    def _node(self, child: Section | Step, level: int, base: Options, here: Path) -> list[str]:
        """Return the title with its comment, then the blocks under it."""
        if isinstance(child, Step):
            return self._step(child, level, base, here)
        options = defaults(child, base)
        words = {**self._named(child, here), **words_of(options, base)}
        found = titled(child.title, level, words)
        first, base, done = next(iter(child.children), None), inherited(options), 0
        alone = len(child.children) == 1 and child.rolling is None
        if isinstance(first, Step) and first.kind is Kind.RUN and first.title == child.title and not alone:
            found += self._step(first, level, base, (*here, 0))[1:]
            done = 1
        return found + self.children(child.children, level + 1, base, child.place.file, here, done)

    def _step(self, step: Step, level: int, base: Options, here: Path) -> list[str]:
        words = {**self._named(step, here), **words_of(step.options, base)}
        if step.kind is not Kind.RUN or step.script is None:
            if step.kind is Kind.WAIT and step.options.wait is not None:
                words["wait"] = duration_text(step.options.wait)
            return [*titled(step.title, level, words), *self._prose(step, here)]
        found = [
            visible(step.title, level),
            *self._prose(step, here),
            fence(step.script, {"test": None, **words} if step.test else words),
        ]
        for role, script in (("check", step.check), ("rollback", step.rollback)):
            if script is not None:
                found.append(fence(script, {role: None, **own_words(script)}))
        return found

    def _prose(self, step: Step, here: Path) -> list[str]:
        return prose_blocks(step.prose, fenced=(here, "prose") in self._explicit)

    def _named(self, node: Section | Step, here: Path) -> Words:
        return {key: getattr(node, key) for key in ("id", "title") if (here, key) in self._explicit}


def _is_question(child: Section | Step) -> bool:
    return isinstance(child, Step) and child.kind is Kind.CONFIRM


def _fits_list(children: Sequence[Section | Step]) -> bool:
    """Tell whether a list reads better than headings: steps alone, with a question after another one."""
    questions = [_is_question(child) for child in children]
    return all(isinstance(child, Step) for child in children) and questions != sorted(questions, reverse=True)


def words_of(options: Options, base: Options) -> Words:
    """Return what options ask for beyond `base`, as attributes."""
    return {key: None if value is True else value_text(key, value) for key, value in changed(options, base)}


def own_words(script: Script) -> Words:
    """Return what a check or a rollback asks for itself, as attributes."""
    return {
        key: duration_text(seconds)
        for key, seconds in (("every", script.every), ("timeout", script.timeout))
        if seconds is not None
    }
