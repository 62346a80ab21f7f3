"""What the command palette offers on the run screen. No toolkit's list: only what can be done now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.run.state import At, RunState

from .choices import choices
from .deeds import unedited
from .keys.names import label
from .keys.run import BINDINGS, labels
from .settings import THEMES, Settings

_DRIVERS = ("run.edit", "run.jump", "run.pick-up", "run.pause", "run.shell", "run.test", "run.cancel")
"""What only who drives can do, and only until the run is over."""
_NOT_NOW = ("answer.", "run.palette", "look.back", "look.pane")


def commands(
    state: RunState, settings: Settings, *, driving: bool, turn: int | None = None, shell: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Yield what can be said and done: the action to run, its words, its key.

    `turn` is the one on the screen, if one is; `shell` is the host on which a shell can be opened, or empty.
    """
    if driving and state.gate is not None and state.result is None:
        for way in choices(state, state.gate):
            words = f"{way.label}: {way.effect}" if way.effect else way.label
            yield f"answer('{way.answer.value}')", words, _key(f"answer.{way.answer.value}", settings.keys)
    without = (*_NOT_NOW, *_absent(state), *_idle(state, driving, turn, shell))
    for one in BINDINGS:
        if one.id is not None and not one.id.startswith(without):
            yield one.action, one.description, _key(one.id, settings.keys)
    for name in THEMES:
        yield f"theme('{name}')", f"theme: {name}", "on" if settings.theme == name else ""
    for name, words in (("bell", "ring when a question comes"), ("notify", "notify when a question comes")):
        yield f"switch('{name}')", words, "on" if getattr(settings, name) else "off"


def _absent(state: RunState) -> Iterator[str]:
    """Yield the names of keys for which the run has nothing."""
    if not state.plan.monitors:
        yield "look.monitors"
    if not state.plan.tests:
        yield from ("run.test", "look.tests")
    if not state.notes:
        yield "look.notes"
    if not state.left_out:
        yield "run.pick-up"


def _idle(state: RunState, driving: bool, turn: int | None, shell: str) -> Iterator[str]:
    """Yield the names of keys that would do nothing now."""
    if turn is None or not state.turns[turn].bad():
        yield from ("look.next-failed", "look.previous-failed")
    if not driving or state.result is not None:
        yield from _DRIVERS
        return
    if turn is None or unedited(state.plan, state, state.plan.turns[turn].step):
        yield "run.edit"
    if not shell:
        yield "run.shell"
    if state.gate is None:
        yield from ("run.jump", "run.pause", "run.test")
    elif state.testing is None:
        yield "run.cancel"
    if state.gate is not None and state.gate.at is At.START:
        yield "run.test"


def _key(name: str, chosen: Mapping[str, str]) -> str:
    return label(labels(name, chosen).split()[0])
