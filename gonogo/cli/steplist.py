"""The object of `gonogo show --json`: a runbook's steps as plain values, with every option that is set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from gonogo.format.keys import KEYS
from gonogo.format.load import Loaded
from gonogo.format.model import Monitor, NotRun, Options, Problem, Runbook, Script, Section, Step

from .check import as_dict
from .checks.findings import check_file
from .checks.hosts import Inventories

_DEFAULTS = Options()


def as_object(loaded: Loaded) -> dict[str, Any]:
    """Return `title`, `steps`, `monitors`, `test_plan`, `not_run` and `problems`."""
    runbook = loaded.runbook
    return {
        "title": runbook.title,
        "steps": list(_steps(runbook)),
        "monitors": [_monitor(one) for one in runbook.monitors],
        "test_plan": [step.id for _, step in runbook.tests()],
        "not_run": [_not_run(one) for one in runbook.not_run],
        "problems": [_problem(problem) for problem in loaded.problems],
    }


def unreadable(file: Path) -> dict[str, Any]:
    """Return the object of a file that cannot be read: its one problem says why."""
    problems = check_file(file, Inventories(())).problems
    return as_object(Loaded(Runbook(path=str(file)), tuple(problems)))


def _steps(runbook: Runbook) -> Iterator[dict[str, Any]]:
    for above, step in runbook.steps():
        rolling = next((section for section in reversed(above) if section.rolling), None)
        own = {**_settings(step.options), **_rolling(rolling), **({"test": True} if step.test else {})}
        if step.prose:
            own["prose"] = step.prose
        yield _entry(runbook, step, step.kind.value, step.id, step.script, own)
        for kind, script in (("check", step.check), ("rollback", step.rollback)):
            if script is not None:
                times = {"every": script.every, "timeout": script.timeout}
                own = {"of": step.id, **{key: value for key, value in times.items() if value is not None}}
                yield _entry(runbook, step, kind, f"{step.id}:{kind}", script, own)


def _monitor(one: Monitor) -> dict[str, Any]:
    step = one.step
    return {
        "name": one.name,
        "line": step.place.line,
        "hosts": step.options.hosts,
        "every": step.options.every,
        "timeout": step.options.timeout,
        "language": step.script.language if step.script else None,
        "script": step.script.text if step.script else None,
        "value": one.value,
        "combine": one.combine,
        "unit": one.unit,
        "limits": {name: value for name, value in asdict(one.limits).items() if value is not None},
    }


def _entry(
    runbook: Runbook, step: Step, kind: str, name: str, script: Script | None, own: dict[str, Any]
) -> dict[str, Any]:
    options = step.options
    place = script.place if script is not None and script.place is not None else step.place
    found = {
        "id": name,
        "title": step.title,
        "line": place.line,
        "kind": kind,
        "hosts": options.hosts,
        "via": options.via or ("ssh" if options.hosts else "local"),
        "as": options.run_as,
        "read_only": options.read_only,
        "language": script.language if script is not None else None,
        "script": script.text if script is not None else None,
    }
    return {**found, **own, **({"file": place.file} if place.file != runbook.path else {})}


def _settings(options: Options) -> dict[str, Any]:
    """Return the options that are not as they are without a word; durations are seconds."""
    found: dict[str, Any] = {}
    for key, (field, _) in KEYS.items():
        value = getattr(options, field)
        if key not in ("hosts", "via", "as", "read-only") and value != getattr(_DEFAULTS, field):
            is_map = key in ("env", "exit")
            found[key.replace("-", "_")] = {str(name): one for name, one in value} if is_map else value
    return found


def _rolling(section: Section | None) -> dict[str, Any]:
    if section is None or section.rolling is None:
        return {}
    return {"rolling": {"section": section.id, **_settings(section.rolling)}}


def _not_run(one: NotRun) -> dict[str, Any]:
    found = {"line": one.line, "language": one.language, "reason": one.reason}
    return {**found, "file": one.file} if one.file else found


def _problem(problem: Problem) -> dict[str, Any]:
    return {"file": problem.place.file, **as_dict(problem)}
