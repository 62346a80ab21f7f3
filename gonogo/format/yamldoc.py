"""The YAML spelling: the same model, key by key."""

from __future__ import annotations

from gonogo.text import clean_line

from .attributes import Given
from .front import Front, front_of, text_of
from .keys import KEYS, read_options, read_script
from .model import Kind, Place, Script, Section, Step
from .outline import Box, Draft, finish, open_box
from .problems import Problems
from .yamlread import Node

_STEP_KEYS = frozenset({"title", "prose", "run", "check", "rollback", "confirm", "steps", "language"})


def read_document(node: Node, file: str, problems: Problems) -> tuple[Front, tuple[Section | Step, ...]]:
    """Return a YAML runbook's head and outline."""
    if not isinstance(node.value, dict):
        problems.error(node.place, "bad-value", "a runbook is a map", "Begin with `gonogo: 1`.")
        return Front(ours=True), ()
    front = front_of(node.value, node.place, problems, extra=("steps",))
    root = Box("", Place(file), 0)
    steps = node.value.get("steps")
    if steps is None:
        problems.error(node.place, "no-steps", "the runbook has no steps", "Add `steps:`.")
    else:
        _children(root, steps, problems)
    return front, finish(root, problems)


def _children(box: Box, node: Node, problems: Problems) -> None:
    if not isinstance(node.value, list):
        problems.error(node.place, "bad-value", "steps must be a list", "Begin each with a dash.")
        return
    for item in node.value:
        if isinstance(item.value, dict):
            _child(box, item, item.value, problems)
        else:
            problems.error(item.place, "bad-value", "a step is a map", "Write `- title: …`.")


def _child(box: Box, item: Node, keys: dict[str, Node], problems: Problems) -> None:
    kinds = [key for key in ("run", "confirm", "steps", "wait") if key in keys]
    if "include" in keys:
        mend = "Write its steps here."
        problems.error(
            keys["include"].place, "unsupported", "include is not carried out by this version", mend
        )
        return
    if len(kinds) != 1:
        shown = " and ".join(kinds) or "none of them"
        mend = "A step has one of run, confirm, wait and steps."
        problems.error(item.place, "bad-step", f"this step has {shown}", mend)
        return
    given = _given(keys, problems)
    title = clean_line(text_of(keys.get("title"), problems))
    options = read_options(box.options, given, ours=True, problems=problems)
    if kinds == ["steps"]:
        _children(open_box(box, title, item.place, box.level + 1, options), keys["steps"], problems)
        return
    draft = Draft(Kind(kinds[0]), item.place, options, given, title=title)
    draft.prose = text_of(keys.get("prose"), problems)
    if kinds == ["confirm"]:
        question = clean_line(text_of(keys["confirm"], problems))
        draft.title = title or question
        draft.prose = draft.prose or question
    if kinds == ["wait"]:
        draft.title = title or f"Wait {text_of(keys['wait'], problems)}"
    if kinds == ["run"]:
        _scripts(draft, keys, problems)
    box.children.append(draft)


def _given(keys: dict[str, Node], problems: Problems) -> Given:
    given: Given = {}
    for key, node in keys.items():
        if key in _STEP_KEYS:
            continue
        place = node.key_place or node.place
        if isinstance(node.value, list) and key in ("batch", "tags", "capture-keys"):
            given[key] = (",".join(text_of(item, problems) for item in node.value), node.place)
        elif isinstance(node.value, dict) and key in ("exit", "env"):
            pairs = [f"{name}={text_of(value, problems)}" for name, value in node.value.items()]
            given[key] = (",".join(pairs), node.place)
        else:
            given[key] = (text_of(node, problems), node.place if key in KEYS else place)
    if "title" in keys:
        given["title"] = (text_of(keys["title"], problems), keys["title"].place)
    return given


def _scripts(draft: Draft, keys: dict[str, Node], problems: Problems) -> None:
    language = text_of(keys.get("language"), problems) or "sh"

    def script(key: str) -> Script | None:
        node = keys.get(key)
        given: Given = {}
        if node is None:
            return None
        if key != "run" and isinstance(node.value, dict):
            inner = dict(node.value)
            node = inner.pop("run", Node("", node.place))
            given = _given(inner, problems)
        text = text_of(node, problems)
        if not text.strip():
            problems.error(node.place, "bad-value", f"{key} is empty")
        found = Script(text.rstrip("\n"), language, node.place)
        return read_script(found, draft.options, given, True, problems) if given else found

    draft.script, draft.check, draft.rollback = script("run"), script("check"), script("rollback")
