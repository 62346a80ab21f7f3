"""For code scanning: SARIF 2.1.0."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import click

from gonogo import __version__
from gonogo.format.model import Problem
from gonogo.text import clean

from ..checks.findings import Checked
from ..codes import MEANINGS

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def tell(found: Sequence[Checked]) -> None:
    """Print one log with one run."""
    codes = sorted({problem.code for checked in found for problem in checked.problems})
    run = {
        "tool": {
            "driver": {
                "name": "gonogo",
                "version": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(checked, one, codes) for checked in found for one in checked.problems],
    }
    click.echo(json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1))


def _rule(code: str) -> dict[str, Any]:
    name = "".join(word.capitalize() for word in code.split("-"))
    return {"id": code, "name": name, "shortDescription": {"text": MEANINGS[code]}}


def _result(checked: Checked, problem: Problem, codes: Sequence[str]) -> dict[str, Any]:
    place = problem.place
    region = {"startLine": place.line, "startColumn": place.column}
    if length := checked.length(problem):
        region["endColumn"] = place.column + length
    text = f"{problem.message}. {problem.mend}" if problem.mend else problem.message
    where = {"artifactLocation": {"uri": _uri(place.file)}, "region": region}
    return {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.severity.value,
        "message": {"text": clean(text)},
        "locations": [{"physicalLocation": where}],
    }


def _uri(file: str) -> str:
    path = quote(os.fsencode(file.replace(os.sep, "/")))
    return f"file://{path}" if file.startswith("/") else path
