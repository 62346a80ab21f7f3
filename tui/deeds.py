"""What the operator can do beside answering: where to jump, which hosts, what a note holds. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from gonogo.format.model import Kind
from gonogo.hosts import fold
from gonogo.hosts.names import Refused
from gonogo.hosts.ranges import expand_nodes
from gonogo.run.plan import Plan
from gonogo.run.state import HostState, RunState
from gonogo.text import clean_line, many

from .lines import Line
from .outline import Outline
from .prose import bar

NAMED = 4
"""Steps that are named before the others are counted."""
_TERM = re.compile(r"(?:\[[^\]]*\]|[^,\s\[])+")
_TAG = re.compile(r"(?:^|\s)#([A-Za-z][\w-]*)")
_LINK = re.compile(r"https?://\S+")


class Jump(Struct, frozen=True):
    """A way to leave the document's order for a step."""

    how: str
    """As the run knows it: `forward`, `again` or `rollback`."""
    word: str
    effect: str
    about: str
    """The step, or the steps that will not run."""

    @property
    def name(self) -> str:
        """By which its key is known."""
        return f"jump.{self.how}"

    @property
    def prompt(self) -> str:
        """The question for the reason."""
        return f"{self.effect[:1].upper()}{self.effect[1:]}. Why?"


def jumps(outline: Outline, state: RunState, step: int) -> list[Jump]:
    """Return the ways to jump to a step; none while something runs or where none makes sense."""
    if state.result is not None or any(turn.running for turn in state.turns):
        return []
    turns = [state.turns[index] for index in outline.turns_of[step]]
    done = [turn for turn in turns if turn.result is not None]
    found = _forward(outline, state, step) if len(done) < len(turns) else []
    title = clean_line(state.plan.steps[step].step.title)
    if done:
        hosts = sum(len(turn.live()) for turn in done)
        words = f"run it once more on {many(hosts)}" if turns[0].hosts else "ask it once more"
        found.append(Jump("again", "again", f"{words}, then go on where the run is", title))
    reached = _reached(state, outline.turns_of[step])
    if reached and state.plan.steps[step].step.rollback is not None:
        effect = f"run its rollback on {many(reached)} that it reached"
        found.append(Jump("rollback", "roll back", effect, title))
    return found


def _forward(outline: Outline, state: RunState, step: int) -> list[Jump]:
    skipped = _before(outline, state, step)
    if not skipped:
        return []
    names = ", ".join(clean_line(state.plan.steps[number].step.title) for number in skipped[:NAMED])
    if len(skipped) > NAMED:
        names += f" and {len(skipped) - NAMED} more"
    effect = f"go there now; {many(len(skipped), 'step')} before it will not run"
    return [Jump("forward", "forward", effect, f"will not run: {names}")]


def _before(outline: Outline, state: RunState, step: int) -> list[int]:
    """Return the steps before this one that are not over."""
    ahead = range(outline.steps.start, step)
    return [
        number
        for number in ahead
        if any(state.turns[turn].result is None for turn in outline.turns_of[number])
    ]


def _reached(state: RunState, turns: Sequence[int]) -> int:
    """Count the hosts that a rollback would run on."""
    hosts = (host for turn in turns if state.turns[turn].result for host in state.turns[turn].hosts.values())
    return sum(host.touched and host.state is not HostState.LEFT_OUT for host in hosts)


def step_called(outline: Outline, text: str) -> int:
    """Return the step of a number as the checklist counts them; raise ValueError with what to type."""
    numbers = range(1, len(outline.steps) + 1)
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or int(text) not in numbers:
        raise ValueError(f"type a step's number, 1 to {len(numbers)}")
    return outline.steps[int(text) - 1]


def unedited(plan: Plan, state: RunState, step: int) -> str:
    """Return why a step's command cannot be edited now, or an empty string."""
    if plan.steps[step].step.kind is not Kind.RUN:
        return "This step has no command."
    if state.result is not None:
        return "The run is over."
    if any(turn.running for turn in state.turns):
        return "A step is running: wait for its end, or cancel it."
    if all(state.turns[turn.index].result is not None for turn in plan.turns_of(step)):
        return "This step is over."
    return ""


def cancelling(state: RunState, out: Sequence[str], named: Sequence[str] = ()) -> str:
    """Return the question before what is out is ended, on all its hosts or on those that somebody named."""
    if state.testing is not None:
        return "End this round of tests? It is kept, and counts as not complete."
    if state.reached is not None and state.reached.ended is None:
        return "Stop looking who can be reached? What is known by now stays."
    if not out:
        return "Stop trying? You are asked what to do then."
    where = f"{many(len(named))}: {clean_line(fold(named))}" if named else many(len(out))
    return f"Cancel the command on {where}? What it did so far stays done."


def hosts_called(text: str, among: Sequence[str]) -> tuple[str, ...]:
    """Return the hosts that names, `*` patterns and ranges stand for, in order; all of them for no text.

    Raise ValueError, saying which word, when one is about none of them.
    """
    known = set(among)
    found: set[str] = set()
    for term in _TERM.findall(text) or text.split():
        hits = {term} & known or {name for name in among if fnmatchcase(name, term)} or _ranged(term, known)
        if not hits:
            raise ValueError(f"the question is not about {clean_line(term)[:60]}")
        found |= hits
    return tuple(name for name in among if name in found) if found else tuple(among)


def _ranged(term: str, known: set[str]) -> set[str]:
    try:
        return set(expand_nodes(term)) & known
    except Refused:
        return set()


def note_parts(text: str) -> tuple[str, str]:
    """Return the tag and the link that a note's text holds: its first `#word`, its first http(s) address."""
    tag, link = _TAG.search(text), _LINK.search(text)
    return (tag[1] if tag else ""), (link[0].rstrip(").,;") if link else "")


def difference(before: str, after: str, cells: int) -> list[Line]:
    """Return how one command differs from another, line by line; what is the same stands back."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[list[Line]] = []
    for what, old_at, old_end, new_at, new_end in difflib.SequenceMatcher(None, old, new).get_opcodes():
        if what == "equal":
            lines += [_marked(" ", text, cells) for text in old[old_at:old_end]]
            continue
        lines += [_marked("-", text, cells) for text in old[old_at:old_end]]
        lines += [_marked("+", text, cells) for text in new[new_at:new_end]]
    return [line for one in lines for line in one]


def _marked(mark: str, text: str, cells: int) -> list[Line]:
    style = {"+": "ok", "-": "bad"}.get(mark, "dim")
    return [((f"{mark} ", style), *line) for line in bar(text, cells - 2, style)]
