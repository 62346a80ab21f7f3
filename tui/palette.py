"""What the command palette offers on the run screen. No toolkit's list: only what can be done now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.run.state import RunState

from .choices import choices
from .keys.names import label
from .keys.run import BINDINGS, labels
from .settings import THEMES, Settings

_NOT_NOW = ("answer.", "run.palette", "look.back", "look.pane")


def commands(state: RunState, settings: Settings, *, driving: bool) -> Iterator[tuple[str, str, str]]:
    """Yield what can be said and done: the action to run, its words, its key."""
    if driving and state.gate is not None and state.result is None:
        for way in choices(state, state.gate):
            words = f"{way.label}: {way.effect}" if way.effect else way.label
            yield f"answer('{way.answer.value}')", words, _key(f"answer.{way.answer.value}", settings.keys)
    without = (*_NOT_NOW, *_absent(state))
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


def _key(name: str, chosen: Mapping[str, str]) -> str:
    return label(labels(name, chosen).split()[0])
