"""A runbook as YAML."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import asdict

from gonogo.text import clean_line

from .duration import duration_text
from .model import SPOKEN, Input, Kind, Monitor, Options, Runbook, Script, Section, Step
from .spell import Explicit, Path, Spelling, changed, defaults, inherited, spelling, value_text
from .watching import EVERY, TIMEOUT, VALUES, usual
from .yamlwrite import Noted, Value, write_yaml

Keys = dict[str, Value]


def to_yaml(runbook: Runbook) -> Spelling:
    """Return the runbook's YAML spelling, read back to prove that it is the same."""
    return spelling(runbook, write, "spelling.yaml")


def write(runbook: Runbook, explicit: Explicit) -> str:
    """Return a runbook as a YAML document, with `explicit` written out."""
    steps = _children(runbook.children, Options(), runbook.path, (), explicit)
    return write_yaml({**head(runbook), "steps": steps})


def head(runbook: Runbook) -> Keys:
    """Return what stands before the first step, the same in both spellings."""
    found: Keys = {"gonogo": 1, "title": runbook.title}
    if runbook.inventory is not None:
        found["inventory"] = runbook.inventory
    if runbook.inputs:
        found["inputs"] = [_input(one) for one in runbook.inputs]
    if runbook.services:
        found["services"] = list(runbook.services)
    if runbook.blast_radius is not None:
        found["blast-radius"] = runbook.blast_radius
    if runbook.allowed_signers is not None:
        found["allowed-signers"] = runbook.allowed_signers
    if runbook.roles:
        found["roles"] = {role: list(people) for role, people in runbook.roles}
    if runbook.monitors:
        found["monitors"] = [_monitor(one) for one in runbook.monitors]
    if runbook.test_plan:
        found["test-plan"] = [one.id for one in runbook.test_plan]
    return found


def _monitor(one: Monitor) -> Keys:
    script = one.step.script or Script("")
    found: Keys = {"name": one.name}
    if script.language in SPOKEN:
        found[script.language] = script.text
    else:
        found |= {"language": script.language} if script.language != "sh" else {}
        found["run"] = script.text
    base = Options(read_only=True, every=EVERY, timeout=TIMEOUT)
    return {**found, **_options(one.step.options, base), **own_keys(one)}


def own_keys(one: Monitor) -> Keys:
    """Return a monitor's own keys that are not as they are without a word, besides its name."""
    own = (
        ("value", one.value, VALUES[0]),
        ("combine", one.combine, usual(one.limits)),
        ("unit", one.unit, ""),
    )
    found: Keys = {key: value for key, value, default in own if value != default}
    for name, number in asdict(one.limits).items():
        if number is not None:
            found[name.replace("_", "-")] = int(number) if number.is_integer() else limit_text(number)
    return found


def limit_text(number: float) -> str:
    """Return a limit as it is written: `4`, `0.5`."""
    text = f"{Decimal(repr(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _input(one: Input) -> Keys:
    found: Keys = {"name": one.name}
    if one.prompt:
        found["prompt"] = one.prompt
    if one.type != "text":
        found["type"] = one.type
    if one.pattern is not None:
        found["pattern"] = one.pattern
    if one.choices:
        found["choices"] = list(one.choices)
    if one.default is not None:
        found["default"] = one.default
    if one.secret:
        found["secret"] = True
    if one.ask != "start":
        found["ask"] = one.ask
    return found


def _children(
    children: Sequence[Section | Step], base: Options, file: str, path: Path, explicit: Explicit
) -> list[Value]:
    found: list[Value] = []
    for at, child in enumerate(children):
        here = (*path, at)
        if isinstance(child, Step):
            keys = _step(child, base, here, explicit)
        else:
            options = defaults(child, base)
            below = _children(child.children, inherited(options), child.place.file, here, explicit)
            if len(below) == 1 and isinstance(child.children[0], Step) and child.rolling is None:
                # A section of one step would be that step: one without a title keeps them apart.
                below = [{"steps": below}]
            named = _named(child, here, explicit)
            keys = {**named, **_options(options, base), "steps": below}
        if child.place.file != file:
            file = child.place.file
            found.append(Noted(keys, f"from {clean_line(file)}"))
        else:
            found.append(keys)
    return found


def _step(step: Step, base: Options, here: Path, explicit: Explicit) -> Keys:
    named = _named(step, here, explicit)
    options = _options(step.options, base)
    if step.kind is Kind.CONFIRM:
        named = {key: value for key, value in named.items() if key != "title"}
        return {"confirm": step.title, **named, **_prose(step.prose), **options}
    found = {**named, **_prose(step.prose), **options}
    if step.kind is Kind.WAIT:
        if step.options.wait is not None:
            found["wait"] = duration_text(step.options.wait)
        return found
    if step.test:
        found["test"] = True
    language = step.script.language if step.script else "sh"
    if language != "sh":
        found["language"] = language
    for key, script in (("run", step.script), ("check", step.check), ("rollback", step.rollback)):
        if script is not None:
            found[key] = _script(script, language)
    return found


def _named(node: Section | Step, here: Path, explicit: Explicit) -> Keys:
    return {"title": node.title, **({"id": node.id} if (here, "id") in explicit else {})}


def _prose(prose: str) -> Keys:
    return {"prose": prose} if prose else {}


def _script(script: Script, language: str) -> Value:
    own: Keys = {}
    if script.language != language:
        own["language"] = script.language
    for key in ("every", "timeout"):
        seconds = getattr(script, key)
        if seconds is not None:
            own[key] = duration_text(seconds)
    return {**own, "run": script.text} if own else script.text


def _options(options: Options, base: Options) -> Keys:
    return {key: _value(key, value) for key, value in changed(options, base)}


def _value(key: str, value: object) -> Value:
    """Return an option's value in YAML's own shape where that reads better than its text."""
    if isinstance(value, int):
        return value
    if isinstance(value, tuple) and key in ("env", "exit") and len(dict(value)) == len(value) > 0:
        return {str(name): str(word) for name, word in value}
    if isinstance(value, tuple) and key in ("tags", "capture-keys") and value:
        return list(value)
    text = value_text(key, value)
    return int(text) if key == "batch" and text.isdecimal() else text
