"""The YAML spelling: the same model, key by key."""

from __future__ import annotations

from gonogo.text import clean_line

from .attributes import Given
from .builder import Include
from .front import Front, front_of
from .keys import read_options, read_script
from .model import SPOKEN, Kind, Script
from .outline import Box, Draft, open_box, pause_title
from .problems import Problems
from .yamlkeys import given_of, language_of, spoken
from .yamlread import Node, text_of

OWN_KEYS = {
    "run": frozenset({"title", "prose", "run", "check", "rollback", "language", "test"}),
    "openstack": frozenset({"title", "prose", "openstack", "check", "rollback", "test"}),
    "confirm": frozenset({"title", "prose", "confirm"}),
    "wait": frozenset({"title", "prose"}),
    "steps": frozenset({"title", "prose", "steps", "test"}),
    "include": frozenset({"title", "include", "test"}),
}
"""What each kind of step has besides its options."""
_STEP_KEYS = frozenset().union(*OWN_KEYS.values()) - {"include"}
_SCRIPT = frozenset({"run", "language"}) | SPOKEN
"""What a check or rollback that is a map has besides its options."""
_KINDS = ("run", *sorted(SPOKEN), "confirm", "steps", "include")


def read_document(node: Node, root: Box, problems: Problems, include: Include) -> Front:
    """Read a YAML runbook: its outline goes under `root`, its head is returned."""
    if not isinstance(node.value, dict):
        problems.error(node.place, "bad-value", "a runbook is a map", "Begin with `gonogo: 1`.")
        return Front(ours=True)
    front = front_of(node.value, node.place, problems, extra=("steps",))
    steps = node.value.get("steps")
    if steps is None:
        problems.error(node.place, "no-steps", "the runbook has no steps", "Add `steps:`.")
    else:
        _Reader(problems, include).children(root, steps)
    return front


class _Reader:
    def __init__(self, problems: Problems, include: Include) -> None:
        self._problems, self._include = problems, include

    def children(self, box: Box, node: Node) -> None:
        """Read a list of steps into a box."""
        if not isinstance(node.value, list):
            self._problems.error(node.place, "bad-value", "steps must be a list", "Begin each with a dash.")
            return
        for item in node.value:
            if isinstance(item.value, dict):
                self._child(box, item, item.value)
            else:
                self._problems.error(item.place, "bad-value", "a step is a map", "Write `- title: …`.")

    def _child(self, box: Box, item: Node, keys: dict[str, Node]) -> None:
        problems = self._problems
        kinds = [key for key in _KINDS if key in keys]
        if not kinds and ("wait" in keys or "at" in keys):
            kinds = ["wait"]
        if len(kinds) != 1:
            shown = " and ".join(kinds) or "none of them"
            mend = "A step has one of run, confirm, steps, include, or wait or at alone."
            problems.error(item.place, "bad-step", f"this step has {shown}", mend)
            return
        _refuse_idle(keys, OWN_KEYS[kinds[0]], f"beside {kinds[0]}", problems)
        given = given_of(keys, _STEP_KEYS - {"test"}, problems)
        title = clean_line(text_of(keys.get("title"), problems))
        if kinds == ["include"]:
            self._include(given, item.place, box, problems)
            return
        options = read_options(box.options, given, ours=True, problems=problems)
        box.prose += [prose] if (prose := text_of(keys.get("prose"), problems)).strip() else []
        if kinds == ["steps"]:
            prose = box.take_prose()
            inner = open_box(box, title, item.place, options, given)
            inner.inherited = prose
            self.children(inner, keys["steps"])
            return
        kind = Kind.RUN if kinds[0] in SPOKEN else Kind(kinds[0])
        draft = Draft(kind, item.place, options, given, title=title, prose=box.take_prose())
        self._fill(draft, spoken(keys))
        box.children.append(draft)

    def _fill(self, draft: Draft, keys: dict[str, Node]) -> None:
        if draft.kind is Kind.CONFIRM:
            question = clean_line(text_of(keys["confirm"], self._problems))
            if draft.title:
                draft.prose = draft.prose or question
            draft.title = draft.title or question
        elif draft.kind is Kind.WAIT:
            draft.title = draft.title or pause_title(draft.options, draft.given)
        else:
            _scripts(draft, keys, self._problems)


def _refuse_idle(keys: dict[str, Node], own: frozenset[str], where: str, problems: Problems) -> None:
    """Tell of keys that would do nothing there."""
    for key, node in keys.items():
        if key in _STEP_KEYS - own:
            place = node.key_place or node.place
            problems.error(place, "idle-key", f"{key} does nothing {where}", "Take it out.", len(key))


def _scripts(draft: Draft, keys: dict[str, Node], problems: Problems) -> None:
    language = language_of(keys, problems) or "sh"

    def script(key: str) -> Script | None:
        node, own = keys.get(key), language
        given: Given = {}
        if node is None:
            return None
        if key != "run" and isinstance(node.value, dict):
            if SPOKEN & node.value.keys() and _SCRIPT - SPOKEN & node.value.keys():
                message = f"{key} has a language's own key beside run or language"
                problems.error(node.place, "bad-value", message, "Take one out.")
            inner = spoken(node.value)
            own = language_of(inner, problems) or own
            _refuse_idle(inner, _SCRIPT, f"in a {key}", problems)
            node = inner.pop("run", Node("", node.place))
            given = given_of(inner, _STEP_KEYS, problems)
        text = text_of(node, problems)
        if not text.strip():
            problems.error(node.place, "bad-value", f"{key} is empty", "Write something, or take it out.")
        found = Script(text.rstrip("\n"), own, node.place)
        return read_script(key, found, draft.options, given, True, problems) if given else found

    draft.script, draft.check, draft.rollback = script("run"), script("check"), script("rollback")
